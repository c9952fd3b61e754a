//! The model's file: from the browser's cache if it is there and current, else from its server.

mod kept;

use std::fmt::Write as _;

use js_sys::{Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use spanarc_protocol::describe;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Crypto, Headers, ReadableStreamDefaultReader, Request, RequestCache, RequestInit,
    Response, Url,
};

use crate::port::{self, PolicyWatch};

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
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
