//! The live annotator page: the frame around the annotator.

mod components;
mod shipped_models;
mod stored;
mod use_theme;

fn main() {
    yew::Renderer::<components::App>::new().render();
}
