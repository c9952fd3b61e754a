#![allow(clippy::unwrap_used)] // Clippy does not know that these are tests.

use js_sys::Array;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn source(url: &str, sha256: Option<&str>) -> Source {
    Source {
        url: url.into(),
        sha256: sha256.map(String::from),
        signal: web_sys::AbortController::new().unwrap().signal(),
    }
}

/// An address that serves `content`.
fn served(content: &str) -> String {
    let blob = web_sys::Blob::new_with_str_sequence(&Array::of1(&content.into())).unwrap();
    web_sys::Url::create_object_url_with_blob(&blob).unwrap()
}

/// An address at which there is nothing.
fn absent(name: &str) -> String {
    let scope: web_sys::DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    format!("{}/absent/{name}", scope.location().origin())
}

fn fetched(content: &str) -> Fetched {
    Fetched {
        bytes: content.into(),
        cached: false,
        validators: vec![("etag", "\"1\"".into())],
    }
}

const HASH_OF_ABC: &str = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";

#[wasm_bindgen_test]
async fn a_file_arrives_whole_and_its_progress_is_told() {
    let mut told = Vec::new();
    let file = source(&served("abc"), Some(HASH_OF_ABC));
    let file = file
        .fetch(&mut |received, total| told.push((received, total)))
        .await
        .unwrap();
    assert_eq!((file.bytes.as_slice(), file.cached), (&b"abc"[..], false));
    assert_eq!(told.first(), Some(&(0, Some(3))));
    assert_eq!(told.last(), Some(&(3, Some(3))));
}

#[wasm_bindgen_test]
async fn a_download_that_nobody_wants_any_more_ends() {
    let controller = web_sys::AbortController::new().unwrap();
    let file = Source {
        signal: controller.signal(),
        ..source(&served("abc"), None)
    };
    controller.abort();
    assert!(file.fetch(&mut |_, _| {}).await.is_err());
}

#[wasm_bindgen_test]
async fn another_file_than_expected_is_refused_with_both_hashes() {
    let file = source(&served("abcd"), Some(HASH_OF_ABC));
    let message = file.fetch(&mut |_, _| {}).await.err().unwrap().to_string();
    assert!(
        message.contains(&file.url) && message.contains(HASH_OF_ABC),
        "{message}"
    );
    assert!(message.contains("88d4266fd4e6338d"), "{message}");
}

#[wasm_bindgen_test]
async fn a_missing_file_is_an_error_that_names_address_and_status() {
    let file = source(&absent("missing"), None);
    let message = file.fetch(&mut |_, _| {}).await.err().unwrap().to_string();
    assert!(
        message.contains(&file.url) && message.contains("404"),
        "{message}"
    );
}

#[wasm_bindgen_test]
async fn a_server_that_does_not_answer_is_an_error_that_names_the_address() {
    let file = source("http://127.0.0.1:9/model", None);
    let message = file.fetch(&mut |_, _| {}).await.err().unwrap().to_string();
    assert!(
        message.contains("http://127.0.0.1:9/model cannot be reached"),
        "{message}"
    );
}

#[wasm_bindgen_test]
async fn the_browser_hashes_as_we_do() {
    let bytes: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
    for bytes in [&bytes[..], &[]] {
        let ours = Sha256::digest(bytes).to_vec();
        assert_eq!(browser_digest(bytes).await.unwrap(), ours);
        assert_eq!(digest(bytes).await, ours);
    }
}

#[wasm_bindgen_test]
async fn a_kept_file_needs_no_server() {
    let file = source(&absent("kept"), Some(HASH_OF_ABC));
    file.keep(&fetched("abc")).await;
    let again = file.fetch(&mut |_, _| {}).await.unwrap();
    assert_eq!((again.bytes.as_slice(), again.cached), (&b"abc"[..], true));

    let file = source(&absent("kept-unhashed"), None);
    file.keep(&fetched("abc")).await;
    assert!(file.fetch(&mut |_, _| {}).await.unwrap().cached);
}

#[wasm_bindgen_test]
async fn a_damaged_or_outdated_kept_file_is_not_used() {
    let file = source(&absent("damaged"), Some(HASH_OF_ABC));
    file.keep(&fetched("xyz")).await;
    assert!(file.fetch(&mut |_, _| {}).await.is_err());

    file.keep(&fetched("abc")).await;
    let newer = source(&file.url, Some(&HASH_OF_ABC.replace('A', "B")));
    assert!(newer.fetch(&mut |_, _| {}).await.is_err());
}

#[wasm_bindgen_test]
async fn a_newer_version_replaces_the_kept_ones() {
    let file = source(&absent("versions"), Some(HASH_OF_ABC));
    file.keep(&fetched("abc")).await;
    source(&file.url, None).keep(&fetched("newer")).await;
    assert!(file.fetch(&mut |_, _| {}).await.is_err());
}

#[wasm_bindgen_test]
async fn files_that_differ_in_their_query_are_kept_side_by_side() {
    let named = |name, hash| source(&absent(&format!("query?name={name}#part")), hash);
    let (a, b) = (named("a", Some(HASH_OF_ABC)), named("b", None));
    for file in [&a, &b, &source(&absent("query"), None)] {
        file.keep(&fetched("abc")).await;
    }
    assert!(a.fetch(&mut |_, _| {}).await.unwrap().cached);
    assert!(b.fetch(&mut |_, _| {}).await.unwrap().cached);
    a.forget().await;
    assert!(a.fetch(&mut |_, _| {}).await.is_err());
    assert!(b.fetch(&mut |_, _| {}).await.unwrap().cached);
}
