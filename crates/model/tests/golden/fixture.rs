use std::{collections::HashMap, path::PathBuf};

use candle_core::{DType, Device, Result, Tensor, Var, backprop::GradStore};
use candle_nn::VarBuilder;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden")
}

/// The tensors of one file of golden values.
pub(crate) struct Fixture(HashMap<String, Tensor>);

impl Fixture {
    pub(crate) fn read(name: &str) -> Result<Self> {
        Ok(Self(candle_core::safetensors::load(
            folder().join(name),
            &Device::Cpu,
        )?))
    }

    /// The tensors whose names start with `prefix`, without it.
    pub(crate) fn part(&self, prefix: &str) -> Self {
        let named = |(name, tensor): (&String, &Tensor)| {
            Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone()))
        };
        Self(self.0.iter().filter_map(named).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &Tensor {
        &self.0[name]
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub(crate) fn numbers(&self, name: &str) -> Result<Vec<f32>> {
        self.get(name).flatten_all()?.to_vec1()
    }

    pub(crate) fn indices(&self, name: &str) -> Result<Vec<usize>> {
        let values: Vec<i64> = self.get(name).flatten_all()?.to_vec1()?;
        Ok(values.into_iter().map(|value| value as usize).collect())
    }

    /// Its f32 tensors as variables, which have gradients.
    pub(crate) fn variables(&self) -> Result<Self> {
        let floats = self
            .0
            .iter()
            .filter(|(_, tensor)| tensor.dtype() == DType::F32);
        let variable = |(name, tensor): (&String, &Tensor)| {
            Ok((name.clone(), Var::from_tensor(tensor)?.into_inner()))
        };
        Ok(Self(floats.map(variable).collect::<Result<_>>()?))
    }

    pub(crate) fn builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_tensors(self.0.clone(), DType::F32, &Device::Cpu)
    }

    /// Compares the gradients of `variables` with those of this fixture, which must not be empty.
    pub(crate) fn assert_gradients(
        &self,
        variables: &Self,
        gradients: &GradStore,
        tolerance: f32,
    ) -> Result<()> {
        assert!(!self.0.is_empty());
        for (name, expected) in &self.0 {
            let actual = gradients
                .get(variables.get(name))
                .unwrap_or_else(|| panic!("{name} has no gradient"));
            assert_close(name, actual, expected, tolerance)?;
        }
        Ok(())
    }
}

/// Every element within `tolerance · (1 + |expected|)`.
pub(crate) fn assert_close(
    name: &str,
    actual: &Tensor,
    expected: &Tensor,
    tolerance: f32,
) -> Result<()> {
    assert_eq!(actual.dims(), expected.dims(), "shape of {name}");
    let (actual, expected) = (
        actual.flatten_all()?.to_vec1()?,
        expected.flatten_all()?.to_vec1()?,
    );
    assert_all_close(name, &actual, &expected, tolerance);
    Ok(())
}

/// Every number within `tolerance · (1 + |expected|)`.
pub(crate) fn assert_all_close(name: &str, actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "size of {name}");
    for (index, (a, b)) in actual.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * (1. + b.abs()),
            "{name}, element {index}: {a} is not {b}"
        );
    }
}
