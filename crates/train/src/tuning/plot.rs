//! Scores of a search as SVG: over epochs, and over the values of each field.

use plotters::{
    coord::{Shift, types::RangedCoordf64},
    prelude::*,
};
use toml::Value;

use super::{Choices, Range, SearchSpace, Trial};

/// By rung, from Okabe and Ito's colours, which stay apart for colour-blind readers; the end of training is blue.
const RUNGS: [RGBColor; 3] = [
    RGBColor(150, 150, 150),
    RGBColor(230, 159, 0),
    RGBColor(204, 121, 167),
];
const END: RGBColor = RGBColor(0, 114, 178);
const LINE: RGBColor = RGBColor(200, 200, 200);

/// Size of the picture and of its panels, in pixels.
const WIDTH: u32 = 1080;
const UPPER: u32 = 380;
const PANEL: u32 = 270;
/// Panels in a row.
const COLUMNS: usize = 3;

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Chart<'a, 'b, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Mean F1 on dev by epochs trained above, and below for each field of the space by its values; every point is a trial at
/// a rung, whose colour says which. In panels of values a dash is the mean of a value's trials at a rung.
pub(super) fn plot(space: &SearchSpace, trials: &[Trial]) -> Result<String, String> {
    let mut svg = String::new();
    draw(&mut svg, space, trials).map_err(|error| error.to_string())?;
    Ok(svg)
}

fn draw(svg: &mut String, space: &SearchSpace, trials: &[Trial]) -> Outcome {
    let rows = space.space.len().div_ceil(COLUMNS);
    let height = UPPER + PANEL * rows as u32;
    let root = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let scores = Scores::of(space, trials);
    let (upper, lower) = root.split_vertically(UPPER);
    over_epochs(&upper, &scores, trials)?;
    for (panel, (field, choices)) in lower.split_evenly((rows, COLUMNS)).iter().zip(&space.space) {
        over_values(panel, &scores, trials, field, choices)?;
    }
    root.present()?;
    Ok(())
}

/// What all panels share.
struct Scores {
    /// Epochs of the rungs before the end.
    rungs: Vec<usize>,
    /// Of the score's axis.
    low: f64,
    high: f64,
}

impl Scores {
    fn of(space: &SearchSpace, trials: &[Trial]) -> Self {
        let scores = || {
            trials
                .iter()
                .flat_map(|trial| &trial.rungs)
                .map(|rung| rung.score)
        };
        let (low, high) = (
            scores().fold(f64::INFINITY, f64::min),
            scores().fold(0., f64::max),
        );
        let (low, high) = if low <= high { (low, high) } else { (0., 100.) };
        let margin = ((high - low) * 0.06).max(0.5);
        Self {
            rungs: space.halving.rungs.clone(),
            low: (low - margin).max(0.),
            high: (high + margin).min(100.),
        }
    }

    fn color(&self, level: usize) -> RGBColor {
        if level < self.rungs.len() {
            RUNGS[level % RUNGS.len()]
        } else {
            END
        }
    }

    fn name(&self, level: usize) -> String {
        match self.rungs.get(level) {
            Some(epochs) => format!("after epoch {epochs}"),
            None => "at the end".to_owned(),
        }
    }
}

fn over_epochs<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    scores: &Scores,
    trials: &[Trial],
) -> Outcome
where
    B::ErrorType: 'static,
{
    let points = |trial: &Trial| -> Vec<(f64, f64)> {
        let point = |rung: &super::Rung| (rung.epochs as f64, rung.score);
        trial.rungs.iter().map(point).collect()
    };
    let last = trials
        .iter()
        .flat_map(points)
        .map(|point| point.0)
        .fold(1., f64::max);
    let mut chart: Chart<B> = ChartBuilder::on(area)
        .caption("Trials at their rungs", ("sans-serif", 20))
        .margin(12)
        .margin_right(28)
        .x_label_area_size(42)
        .y_label_area_size(58)
        .build_cartesian_2d(0. ..last * 1.03, scores.low..scores.high)?;
    chart
        .configure_mesh()
        .x_desc("epochs trained")
        .y_desc("mean F1 on dev, percent")
        .x_label_formatter(&|epochs| format!("{epochs:.0}"))
        .label_style(("sans-serif", 14))
        .axis_desc_style(("sans-serif", 15))
        .light_line_style(WHITE)
        .draw()?;
    for trial in trials {
        chart.draw_series(LineSeries::new(points(trial), LINE.stroke_width(1)))?;
    }
    for level in 0..=scores.rungs.len() {
        let color = scores.color(level);
        let here = trials
            .iter()
            .filter_map(|trial| points(trial).get(level).copied());
        chart
            .draw_series(here.map(|point| Circle::new(point, 4, color.filled())))?
            .label(scores.name(level))
            .legend(move |(x, y)| Circle::new((x + 10, y), 4, color.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerRight)
        .background_style(WHITE.mix(0.85))
        .border_style(LINE)
        .label_font(("sans-serif", 14))
        .draw()?;
    Ok(())
}

fn over_values<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    scores: &Scores,
    trials: &[Trial],
    field: &str,
    choices: &Choices,
) -> Outcome
where
    B::ErrorType: 'static,
{
    let axis = Axis::of(choices);
    let mut chart: Chart<B> = ChartBuilder::on(area)
        .caption(field, ("sans-serif", 16))
        .margin(10)
        .x_label_area_size(30)
        .y_label_area_size(44)
        .build_cartesian_2d(axis.low..axis.high, scores.low..scores.high)?;
    chart
        .configure_mesh()
        .x_labels(axis.labels)
        .x_label_formatter(&|at| axis.label(*at))
        .y_labels(6)
        .y_label_formatter(&|score| format!("{score:.0}"))
        .label_style(("sans-serif", 13))
        .disable_x_mesh()
        .light_line_style(WHITE)
        .draw()?;
    let levels = scores.rungs.len() + 1;
    for level in 0..levels {
        let color = scores.color(level);
        // Rungs side by side where values are apart.
        let aside = match axis.values {
            Some(_) => 0.5 * ((level as f64 + 0.5) / levels as f64 - 0.5),
            None => 0.,
        };
        let points: Vec<(f64, f64)> = trials
            .iter()
            .filter_map(|trial| {
                let at = axis.place(trial.settings.get(field)?)?;
                Some((at + aside, trial.rungs.get(level)?.score))
            })
            .collect();
        let dots = points
            .iter()
            .map(|&point| Circle::new(point, 3, color.mix(0.8).filled()));
        chart.draw_series(dots)?;
        for value in 0..axis.values.map_or(0, <[Value]>::len) {
            let at = value as f64 + aside;
            let of_value: Vec<f64> = points
                .iter()
                .filter(|point| point.0 == at)
                .map(|point| point.1)
                .collect();
            if !of_value.is_empty() {
                let mean = of_value.iter().sum::<f64>() / of_value.len() as f64;
                let dash = [(at - 0.1, mean), (at + 0.1, mean)];
                chart.draw_series(LineSeries::new(dash, color.stroke_width(3)))?;
            }
        }
    }
    Ok(())
}

/// Where values stand: those of a list at 0, 1, 2 and so on, numbers of a range at themselves or at their logarithm.
struct Axis<'a> {
    values: Option<&'a [Value]>,
    log: bool,
    low: f64,
    high: f64,
    labels: usize,
}

impl<'a> Axis<'a> {
    fn of(choices: &'a Choices) -> Self {
        let range = |low: f64, high: f64, log: bool| {
            let (low, high) = if log {
                (low.log10(), high.log10())
            } else {
                (low, high)
            };
            let margin = (high - low) * 0.05;
            Self {
                values: None,
                log,
                low: low - margin,
                high: high + margin,
                labels: 5,
            }
        };
        match choices {
            Choices::List(values) => Self {
                values: Some(values),
                log: false,
                low: -0.5,
                high: values.len() as f64 - 0.5,
                labels: 2 * values.len() + 1,
            },
            Choices::Whole(Range { low, high, log }) => range(*low as f64, *high as f64, *log),
            Choices::Real(Range { low, high, log }) => range(*low, *high, *log),
        }
    }

    fn place(&self, value: &Value) -> Option<f64> {
        if let Some(values) = self.values {
            return values
                .iter()
                .position(|other| other == value)
                .map(|index| index as f64);
        }
        let number = value
            .as_float()
            .or(value.as_integer().map(|whole| whole as f64))?;
        Some(if self.log { number.log10() } else { number })
    }

    fn label(&self, at: f64) -> String {
        match self.values {
            Some(values) => {
                let index = at.round();
                let value = values.get(index.max(0.) as usize);
                match value.filter(|_| (at - index).abs() < 1e-6 && index >= 0.) {
                    Some(Value::String(text)) => text.clone(),
                    Some(value) => value.to_string(),
                    None => String::new(),
                }
            }
            None if self.log => format!("{:.1e}", 10f64.powf(at)),
            None => format!("{}", (at * 1e6).round() / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use spanarc_model::bundle::MeasuredScores;

    use super::*;
    use crate::tuning::{Rung, TrialState};

    const SPACE: &str = r#"
        [halving]
        rungs = [4, 9]
        [space]
        network.shared_layers = [0, 1, 2, 3]
        network.cell = ["gru", "lstm"]
        network.hidden = { low = 64, high = 256 }
        training.learning_rate = { low = 3e-4, high = 3e-3, log = true }
    "#;

    fn space() -> SearchSpace {
        SearchSpace::parse(Path::new("space.toml"), SPACE).unwrap()
    }

    fn rung(epochs: usize, score: f64) -> Rung {
        Rung {
            epochs,
            best_epoch: epochs,
            score,
            dev: MeasuredScores {
                data: "towns dev".into(),
                entity_micro_f1: score,
                entity_macro_f1: score,
                relation_micro_f1: score,
                relation_macro_f1: score,
            },
            seconds: 1.,
        }
    }

    fn trials() -> Vec<Trial> {
        let drawn = space().draw(18, 1).into_iter().enumerate();
        drawn
            .map(|(index, settings)| {
                let mut trial = Trial::new(index + 1, settings);
                let score = 50. + index as f64;
                trial.rungs.push(rung(4, score));
                if index % 3 == 0 {
                    trial.rungs.push(rung(9, score + 8.));
                }
                if index % 9 == 0 {
                    trial.rungs.push(rung(18, score + 12.));
                }
                trial
            })
            .collect()
    }

    #[test]
    fn each_field_has_a_panel_and_each_rung_a_colour() {
        let svg = plot(&space(), &trials()).unwrap();
        for text in [
            "epochs trained",
            "mean F1 on dev",
            "network.shared_layers",
            "network.cell",
            "training.learning_rate",
            "lstm",
            "after epoch 4",
            "after epoch 9",
            "at the end",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    }

    #[test]
    fn a_search_that_has_hardly_begun_can_be_drawn() {
        let mut failed = trials();
        failed.iter_mut().for_each(|trial| {
            trial.rungs.clear();
            trial.state = TrialState::Failed;
        });
        assert!(plot(&space(), &[]).is_ok());
        assert!(plot(&space(), &failed).is_ok());
        assert!(plot(&space(), &trials()[..1]).is_ok());
    }
}
