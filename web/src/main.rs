//! The live annotator page: the frame around the annotator.

mod annotator_element;
mod components;
mod element;
mod shipped_models;
mod stored;
mod use_theme;

/// Another page may use this program for its annotators alone: it has no place for the frame.
fn main() {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(place) = document.and_then(|document| document.get_element_by_id("page")) {
        yew::Renderer::<components::App>::with_root(place).render();
    }
}
