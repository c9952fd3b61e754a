//! The slider for how sure a relation must be.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{button::Button, score::percent};
use crate::{
    hooks::use_event,
    strings::{fill, use_strings},
};

/// The slider's place.
#[derive(Properties, PartialEq)]
pub(crate) struct ThresholdProps {
    /// The score from which relations are shown.
    pub(crate) value: f32,
    /// The model's own.
    pub(crate) default: f32,
    /// Told of moves.
    pub(crate) on_change: Callback<f32>,
}

/// Moves the relation threshold.
#[component]
pub(crate) fn Threshold(props: &ThresholdProps) -> Html {
    let strings = use_strings();
    let value = percent(&strings, props.value);
    let slider = use_node_ref();
    let on_change = props.on_change.clone();
    use_event(&slider, "input", move |event: &web_sys::Event| {
        let slider = event.target_dyn_into::<HtmlInputElement>();
        let value = slider.map(|slider| slider.value_as_number());
        if let Some(value) = value.filter(|value| value.is_finite()) {
            on_change.emit((value / 100.0) as f32);
        }
    });
    let reset = {
        let (on_change, default) = (props.on_change.clone(), props.default);
        Callback::from(move |()| on_change.emit(default))
    };
    let moved = (props.value - props.default).abs() > 0.004;
    html! {
        <div class="threshold">
            <label class="threshold-slider">
                <span class="threshold-label">{&*strings.threshold}</span>
                <input
                    ref={slider}
                    data-testid="threshold"
                    type="range"
                    min="5"
                    max="99"
                    step="1"
                    value={(props.value * 100.0).round().to_string()}
                    aria-valuetext={value.clone()}
                />
            </label>
            <output class="threshold-value" data-testid="threshold-value" translate="no">{value}</output>
            <Button class="link-button" disabled={!moved} on_press={reset}>
                <span key={props.default.to_string()}>
                    {fill(&strings.threshold_reset, &[("score", &percent(&strings, props.default))])}
                </span>
            </Button>
        </div>
    }
}
