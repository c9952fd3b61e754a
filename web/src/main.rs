//! The live annotator page: text with its entities and relations as it is typed.

mod annotations;
mod components;
mod export;
mod hooks;
mod labels;
mod measure;
mod palette;
mod scene;
mod shipped_models;
mod state;
mod stored;
mod text;
mod worker;

fn main() {
    yew::Renderer::<components::App>::new().render();
}
