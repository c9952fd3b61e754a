#!/usr/bin/env bash
# Builds the standard library for wasm32-unknown-unknown and installs it into the toolchain in use, for machines that
# reach a Debian mirror but not rustup's server. Debian's package `rust-src` holds the source; only the one of exactly the
# toolchain's version will do. `cargo xtask setup` runs this when `rustup target add` fails.
#
# It takes minutes, needs apt-get but not root, and changes nothing outside the toolchain's folder.
# SPANARC_DEBIAN_SUITES names the suites to look in.
set -euo pipefail

target=wasm32-unknown-unknown
suites=${SPANARC_DEBIAN_SUITES:-trixie-backports trixie forky sid}
say() { printf 'build-wasm-std: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

for program in rustc cargo apt-get apt-cache dpkg-deb; do
    command -v "$program" >/dev/null || fail "$program is not on PATH"
done
sysroot=$(rustc --print sysroot)
version=$(rustc --version | cut -d' ' -f2)
[ -w "$sysroot/lib/rustlib" ] || fail "$sysroot is not writable"

work=$(mktemp -d)
source_link=$sysroot/lib/rustlib/src/rust/library
cleanup() {
    if [ -L "$source_link" ]; then
        rm "$source_link"
        (cd "$sysroot/lib/rustlib" && rmdir -p --ignore-fail-on-non-empty src/rust)
    fi
    rm -rf "$work"
}
trap cleanup EXIT

# An apt of our own: the mirrors that the system's apt knows, other suites, no shared state.
mkdir -p "$work/apt"/{lists/partial,archives/partial,parts}
own_apt=(
    -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o "Dir::Etc::sourceparts=$work/apt/parts"
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt" -o "Dir::Cache::archives=$work/apt/archives"
    -o "APT::Sandbox::User=$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=0 -o Acquire::http::Timeout=20
)
mapfile -t mirrors < <(
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | awk '!seen[$0]++'
)
[ "${#mirrors[@]}" -gt 0 ] || fail "apt knows no archive of Debian, from which rust-src could come"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || fail "$keyring is missing (apt-get install debian-archive-keyring)"

find_package() {
    local mirror suite
    for mirror in "${mirrors[@]}"; do
        for suite in $suites; do
            echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources.list"
            apt-get "${own_apt[@]}" -qq update >/dev/null 2>&1 || continue
            package=$(apt-cache "${own_apt[@]}" madison rust-src | tr -d ' ' | cut -d'|' -f2 |
                grep -m1 -F -e "$version+dfsg" -e "$version-") || continue
            say "rust-src $package from $suite"
            return
        done
    done
    fail "no suite of Debian ($suites) has rust-src $version"
}
find_package
(cd "$work" && apt-get "${own_apt[@]}" -qq download "rust-src=$package") || fail "cannot download rust-src $package"
dpkg-deb --extract "$work"/rust-src_*.deb "$work/deb"
library=$(find "$work/deb/usr/src" -maxdepth 2 -type d -name library -print -quit)
[ -f "$library/Cargo.lock" ] || fail "rust-src $package holds no library/Cargo.lock"

# Cargo looks for the source in the toolchain.
if [ ! -e "$source_link" ]; then
    mkdir -p "$(dirname "$source_link")"
    ln -s "$library" "$source_link"
fi

mkdir -p "$work/empty/src"
: >"$work/empty/src/lib.rs"
cat >"$work/empty/Cargo.toml" <<'MANIFEST'
[package]
name = "empty"
edition = "2024"
[profile.release]
codegen-units = 1
[workspace]
MANIFEST
say "building std $version for $target"
export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/target
unset CARGO_BUILD_TARGET
std=(--quiet --target "$target" -Z build-std=std,panic_abort,proc_macro,test)
cargo fetch --manifest-path "$work/empty/Cargo.toml" "${std[@]}"
# Bitcode: without it nobody could link with LTO. Then names for folders of this machine, which every program would hold
# otherwise, in the places of panics: the last that matches counts, so inner folders come after those around them.
flags=-Cembed-bitcode=yes
rename() { flags+=$'\x1f'--remap-path-prefix=$1=$2; }
cargo_home=${CARGO_HOME:-$HOME/.cargo}
rename "$cargo_home" /cargo
for registry in "$cargo_home"/registry/src/*; do rename "$registry" /crates; done
rename "$work" /rust
rename "$library" /rust/library
rename "$source_link" /rust/library
(
    cd "$work/empty"
    CARGO_ENCODED_RUSTFLAGS=$flags cargo build --release "${std[@]}"
)

# Whole or not at all.
new=$sysroot/lib/rustlib/$target.new
rm -rf "$new"
mkdir -p "$new/lib"
find "$work/target/$target/release/deps" -name '*.rlib' ! -name 'libempty-*' -exec cp -t "$new/lib" {} +
rm -rf "${new%.new}"
mv "$new" "${new%.new}"
say "installed $target for rustc $version"
