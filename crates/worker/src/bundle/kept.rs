//! What the browser's cache keeps of models.

use js_sys::{Array, Reflect, Uint8Array};
use spanarc_protocol::describe;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Cache, CacheQueryOptions, CacheStorage, Headers, Request, Response, ResponseInit, Url,
};

use super::{Fetched, Source};

/// Name of the browser's cache; its number changes with the layout of what is kept.
const CACHE: &str = "spanarc-models-1";

/// What stands between the address of a file and its hash where that is part of its key in the cache.
const HASHED: &str = "?sha256=";

impl Source {
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

    pub(super) async fn kept(&self) -> Option<Response> {
        let cache = cache().await.ok()?;
        JsFuture::from(cache.match_with_str(&self.cache_key()))
            .await
            .ok()?
            .dyn_into()
            .ok()
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

async fn cache() -> Result<Cache, JsValue> {
    let caches: CacheStorage = Reflect::get(&js_sys::global(), &"caches".into())?.dyn_into()?;
    JsFuture::from(caches.open(CACHE)).await?.dyn_into()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
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
