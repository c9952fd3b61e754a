//! A value that waits until it stops changing.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

/// `value` as it was when it last stood still for `milliseconds`.
#[hook]
pub(crate) fn use_settled<T: Clone + PartialEq + 'static>(value: T, milliseconds: u32) -> T {
    let settled = use_state(|| value.clone());
    use_effect_with(value, {
        let settled = settled.clone();
        move |value| {
            let value = value.clone();
            let timer = Timeout::new(milliseconds, move || settled.set(value));
            move || drop(timer)
        }
    });
    (*settled).clone()
}
