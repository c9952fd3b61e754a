//! The model's file: from the browser's cache if it is there and current, else from its server.

use std::fmt::Write as _;

use js_sys::{Array, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use spanarc_protocol::describe;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Cache, CacheQueryOptions, CacheStorage, Crypto, Headers,
    ReadableStreamDefaultReader, Request, RequestCache, RequestInit, Response, ResponseInit, Url,
};

use crate::port::{self, PolicyWatch};

/// Name of the browser's cache; its number changes with the layout of what is kept.
const CACHE: &str = "spanarc-models-1";

/// What stands between the address of a file and its hash where that is part of its key in the cache.
const HASHED: &str = "?sha256=";

/// The most memory set aside on the word of a server; beyond, memory grows with what really arrives.
const MAX_ADVANCE: usize = 64 << 20;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// No answer: no network, no such host, forbidden by policy.
    #[error("The model at {url} cannot be reached: {reason}")]
    Unreachable { url: String, reason: String },
    /// An answer other than the file.
    #[error("The model at {url} could not be downloaded: the server answered {status} {text}")]
    Status {
        url: String,
        status: u16,
        text: String,
    },
    /// The transfer broke off.
    #[error("The download of the model at {url} broke off after {received} bytes: {reason}")]
    BrokeOff {
        url: String,
        received: usize,
        reason: String,
    },
    /// The server promised more than came.
    #[error("The download of the model at {url} ended after {received} of {total} bytes")]
    Truncated {
        url: String,
        received: usize,
        total: usize,
    },
    /// Another file than the page asked for.
    #[error("{model} is not the expected file: its SHA-256 is {found}, expected {expected}")]
    Altered {
        model: String,
        expected: String,
        found: String,
    },
}

/// A fetched file.
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    /// Whether no byte of it came over the network.
    pub(crate) cached: bool,
    /// The server's statements about its version.
    validators: Vec<(&'static str, String)>,
}

/// Where a model comes from.
pub(crate) struct Source {
    pub(crate) url: String,
    /// Expected SHA-256 in hexadecimal.
    pub(crate) sha256: Option<String>,
    /// Ends the download.
    pub(crate) signal: AbortSignal,
}

/// Response headers that name a version of the file, with the request headers that ask whether it is still current.
const VALIDATORS: [(&str, &str); 2] = [
    ("etag", "if-none-match"),
    ("last-modified", "if-modified-since"),
];

impl Source {
    /// Fetches the file. `progress` is told of bytes received and, if known, of bytes in all.
    ///
    /// A cached file with a known hash is used without asking anyone. Otherwise the server is asked whether it is still
    /// current, and used all the same if the answer is no file: without a network, and where the server fails or has the file
    /// no longer, an older model is better than none.
    pub(crate) async fn fetch(
        &self,
        progress: &mut dyn FnMut(usize, Option<usize>),
    ) -> Result<Fetched, FetchError> {
        let kept = self.kept().await;
        if let Some(kept) = &kept
            && self.sha256.is_some()
            && let Ok(fetched) = self.read(kept, true, progress).await
        {
            return Ok(fetched);
        }
        let kept = kept.filter(|_| self.sha256.is_none());
        let answer = self.ask(kept.as_ref()).await;
        match (answer, kept) {
            (Ok(answer), kept)
                if answer.ok() && !kept.as_ref().is_some_and(|kept| is_same(kept, &answer)) =>
            {
                self.read(&answer, false, progress).await
            }
            (answer, Some(kept)) => {
                // What else the server sends is not waited for.
                if let Some(body) = answer.as_ref().ok().and_then(Response::body) {
                    let _ = JsFuture::from(body.cancel()).await;
                }
                let read = self.read(&kept, true, progress).await;
                // A damaged cache entry: only the server can help, and it has been asked.
                read.map_err(|damaged| answer.err().unwrap_or(damaged))
            }
            (Ok(answer), None) => Err(FetchError::Status {
                url: self.url.clone(),
                status: answer.status(),
                text: answer.status_text(),
            }),
            (Err(error), None) => Err(error),
        }
    }

    /// Keeps a file that has proved good for the next time. A browser that cannot is no error.
    pub(crate) async fn keep(&self, fetched: &Fetched) {
        if fetched.cached {
            return;
        }
        let Ok(cache) = cache().await else {
            return;
        };
        let kept: Result<(), JsValue> = async {
            self.forget().await;
            let headers = Headers::new()?;
            headers.set("content-length", &fetched.bytes.len().to_string())?;
            for (name, value) in &fetched.validators {
                headers.set(name, value)?;
            }
            let init = ResponseInit::new();
            init.set_headers(&headers);
            let body = Uint8Array::from(fetched.bytes.as_slice());
            let response = Response::new_with_opt_js_u8_array_and_init(Some(&body), &init)?;
            JsFuture::from(cache.put_with_str(&self.cache_key(), &response)).await?;
            Ok(())
        }
        .await;
        if let Err(reason) = kept {
            web_sys::console::info_1(
                &format!("The model was not cached: {}", describe(&reason)).into(),
            );
        }
    }

    /// Forgets what is kept of this address, whatever its hash.
    pub(crate) async fn forget(&self) {
        let forgotten: Result<(), JsValue> = async {
            let (cache, address) = (cache().await?, self.address());
            let any_query = CacheQueryOptions::new();
            any_query.set_ignore_search(true);
            let keys = cache.keys_with_str_and_options(&address, &any_query);
            for key in Array::from(&JsFuture::from(keys).await?) {
                let key: Request = key.dyn_into()?;
                if is_version_of(&address, &key.url()) {
                    JsFuture::from(cache.delete_with_request(&key)).await?;
                }
            }
            Ok(())
        }
        .await;
        // Nothing kept, or nothing to be done about it.
        let _ = forgotten;
    }

    async fn kept(&self) -> Option<Response> {
        let cache = cache().await.ok()?;
        JsFuture::from(cache.match_with_str(&self.cache_key()))
            .await
            .ok()?
            .dyn_into()
            .ok()
    }

    /// Sends a request that asks by its headers whether the file is `kept`. Without, the browser's HTTP cache asks: such headers need a
    /// preflight of other origins, which a plain server does not answer.
    async fn send(&self, kept: Option<&Response>) -> Result<JsValue, JsValue> {
        let init = RequestInit::new();
        match kept {
            Some(kept) => {
                let headers = Headers::new()?;
                for (name, question) in VALIDATORS {
                    if let Some(value) = header(kept, name) {
                        headers.set(question, &value)?;
                    }
                }
                init.set_headers(&headers);
            }
            None => init.set_cache(RequestCache::NoCache),
        }
        init.set_signal(Some(&self.signal));
        let request = Request::new_with_str_and_init(&self.url, &init)?;
        JsFuture::from(port::fetch(&request)?).await
    }

    /// Asks the server for the file, or whether it still is the one that is kept.
    async fn ask(&self, kept: Option<&Response>) -> Result<Response, FetchError> {
        let policy = PolicyWatch::new();
        let answer = match kept.filter(|_| !self.is_elsewhere()) {
            // The address may lead to another origin.
            Some(kept) => match self.send(Some(kept)).await {
                Err(_) if !self.signal.aborted() => self.send(None).await,
                answer => answer,
            },
            None => self.send(None).await,
        };
        match answer.and_then(|answer| answer.dyn_into()) {
            Ok(answer) => Ok(answer),
            Err(reason) => {
                let objection = policy.objection(&self.url).await;
                Err(FetchError::Unreachable {
                    url: self.url.clone(),
                    reason: objection.unwrap_or_else(|| describe(&reason)),
                })
            }
        }
    }

    async fn read(
        &self,
        response: &Response,
        cached: bool,
        progress: &mut dyn FnMut(usize, Option<usize>),
    ) -> Result<Fetched, FetchError> {
        // The length of a compressed transfer is not that of the file.
        let total = match header(response, "content-encoding") {
            None => {
                header(response, "content-length").and_then(|length| length.parse::<usize>().ok())
            }
            Some(_) => None,
        };
        let mut bytes = Vec::with_capacity(total.unwrap_or(0).min(MAX_ADVANCE));
        progress(0, total);
        if let Err(reason) = read_body(response, &mut bytes, &mut |received| {
            progress(received, total)
        })
        .await
        {
            let (url, received, reason) = (self.url.clone(), bytes.len(), describe(&reason));
            return Err(FetchError::BrokeOff {
                url,
                received,
                reason,
            });
        }
        if let Some(total) = total.filter(|&total| total > bytes.len()) {
            return Err(FetchError::Truncated {
                url: self.url.clone(),
                received: bytes.len(),
                total,
            });
        }
        if let Some(expected) = &self.sha256 {
            check(&format!("The model at {}", self.url), &bytes, expected).await?;
        }
        let validators = VALIDATORS
            .into_iter()
            .filter_map(|(name, _)| header(response, name).map(|value| (name, value)))
            .collect();
        Ok(Fetched {
            bytes,
            cached,
            validators,
        })
    }

    /// Whether the file is of another origin than the page.
    fn is_elsewhere(&self) -> bool {
        let here = Reflect::get(&js_sys::global(), &"origin".into()).ok();
        Url::new(&self.url).is_ok_and(|url| here != Some(url.origin().into()))
    }

    fn cache_key(&self) -> String {
        let mut key = self.address();
        if let Some(hash) = &self.sha256 {
            key += HASHED;
            key += &hash.to_ascii_lowercase();
        }
        key
    }

    /// The URL as the cache writes it, and without its fragment, which the cache ignores.
    fn address(&self) -> String {
        let Ok(url) = Url::new(&self.url) else {
            return self.url.clone();
        };
        url.set_hash("");
        url.href()
    }
}

/// Whether `key` is the one, with a hash or without, of the file at `address`. Files whose addresses differ in the query only are
/// different files.
fn is_version_of(address: &str, key: &str) -> bool {
    key.strip_prefix(address)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(HASHED))
}

/// Whether the server sends the file that is kept: the first statement that both have decides.
fn is_same(kept: &Response, answer: &Response) -> bool {
    (VALIDATORS.into_iter())
        .find_map(|(name, _)| Some(header(kept, name)? == header(answer, name)?))
        .unwrap_or(false)
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

/// Refuses `bytes` whose SHA-256 is not `expected`; `model` names them for people.
pub(crate) async fn check(model: &str, bytes: &[u8], expected: &str) -> Result<(), FetchError> {
    let found = hexadecimal(&digest(bytes).await);
    if found.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    Err(FetchError::Altered {
        model: model.into(),
        expected: expected.into(),
        found,
    })
}

/// SHA-256, by the browser where it offers that, which is to secure pages: it uses the processor's instructions for it.
async fn digest(bytes: &[u8]) -> Vec<u8> {
    if let Ok(digest) = browser_digest(bytes).await {
        return digest;
    }
    let mut hasher = Sha256::new();
    // In pieces, so that the browser's compiler can replace its first, slow version of the loop meanwhile.
    for piece in bytes.chunks(1 << 14) {
        hasher.update(piece);
    }
    hasher.finalize().to_vec()
}

async fn browser_digest(bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    let crypto: Crypto = Reflect::get(&js_sys::global(), &"crypto".into())?.dyn_into()?;
    let bytes = Uint8Array::from(bytes);
    // Where `subtle` is missing, the call throws.
    let digest = crypto
        .subtle()
        .digest_with_str_and_js_u8_array("SHA-256", &bytes)?;
    Ok(Uint8Array::new(&JsFuture::from(digest).await?).to_vec())
}

async fn read_body(
    response: &Response,
    bytes: &mut Vec<u8>,
    progress: &mut dyn FnMut(usize),
) -> Result<(), JsValue> {
    let Some(body) = response.body() else {
        return Ok(());
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        if Reflect::get(&chunk, &"done".into())?.is_truthy() {
            return Ok(());
        }
        let chunk: Uint8Array = Reflect::get(&chunk, &"value".into())?.dyn_into()?;
        let start = bytes.len();
        bytes.resize(start + chunk.length() as usize, 0);
        chunk.copy_to(&mut bytes[start..]);
        progress(bytes.len());
    }
}

/// The browser's cache. An error where there is none: pages without TLS, sandboxed frames, private windows, Node.
async fn cache() -> Result<Cache, JsValue> {
    let caches: CacheStorage = Reflect::get(&js_sys::global(), &"caches".into())?.dyn_into()?;
    JsFuture::from(caches.open(CACHE)).await?.dyn_into()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod key_tests {
    use super::is_version_of;

    #[test]
    fn a_version_has_the_address_and_perhaps_a_hash_but_no_other_query() {
        for address in ["https://a.example/model", "https://a.example/model?name=a"] {
            let is_version = |rest| is_version_of(address, &format!("{address}{rest}"));
            assert!(is_version("") && is_version("?sha256=ba78"));
            assert!(!is_version("?name=b") && !is_version("&x") && !is_version("b?sha256=ba78"));
            assert!(!is_version_of(address, "https://a.example/model?name=b"));
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::unwrap_used)] // Clippy does not know that these are tests.
mod tests {
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
}
