//! Addresses of what stands beside the page.

use std::rc::Rc;

/// `path` resolved against the page's address: a worker made from a blob has no address to resolve against.
pub(crate) fn absolute(path: &str) -> Rc<str> {
    let base = (web_sys::window())
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.into(), |url| url.href().into())
}
