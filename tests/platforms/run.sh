#!/usr/bin/env bash
# The keys where not all is as on the machine at hand: without the instructions that only x86-64 has, on a 32-bit
# machine whose numbers have their first byte first, and on one without an operating system, for which it is
# built and no more.
#
# No standard library for such a machine comes with the toolchain, so that Debian's compiler builds one from its
# source, and QEMU runs the tests. Where these cannot be installed, it is said what is left out.
set -euo pipefail
cd "$(dirname "$0")"

target=$(mkdir -p ../../target/platforms && realpath ../../target/platforms)

portable() {
  echo 'without the instructions of x86-64'
  cp ../../Cargo.lock Cargo.lock
  RUSTFLAGS='--cfg agentidemp_portable' CARGO_TARGET_DIR=$target/portable cargo test --quiet --tests
}

# Debian's rustc conflicts with rustup, so that it is unpacked and not installed.
unpack_compiler() {
  local compiler=$target/compiler packages=$target/packages
  [ ! -x "$compiler/usr/bin/rustc" ] || return 0
  mkdir -p "$packages"
  # The standard library and LLVM are named by their versions: those that this compiler was built with.
  local version standard llvm
  version=$(apt-cache policy rustc-web | awk '/Candidate/ { print $2 }')
  standard=libstd-rust-web-$(echo "$version" | cut -d. -f1,2)
  llvm=$(apt-cache show --no-all-versions "$standard" | grep -o 'libllvm[0-9]*' | head -n 1)
  (cd "$packages" && rm -f ./*.deb && apt-get download --quiet=2 \
    rustc-web "$standard" libstd-rust-web-dev rust-web-src "$llvm") || return 1
  for package in "$packages"/*.deb; do dpkg -x "$package" "$compiler" || return 1; done
}

install_machine() {
  if command -v powerpc-linux-gnu-gcc && command -v qemu-ppc-static; then return 0; fi >/dev/null
  apt-get install --quiet=2 --yes --no-install-recommends \
    gcc-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-user-static >/dev/null
}

use_compiler() {
  local compiler=$target/compiler/usr
  # The newest versions that this compiler builds; that agentidemp asks for a newer one is seen to below.
  rm -f Cargo.lock
  CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback cargo generate-lockfile --quiet
  # It builds the standard library, which only a nightly compiler may.
  export RUSTC_BOOTSTRAP=1 RUSTC=$compiler/bin/rustc RUSTC_WRAPPER=$PWD/rustc
  export LD_LIBRARY_PATH=$compiler/lib/x86_64-linux-gnu
}

powerpc() {
  echo 'on a 32-bit PowerPC'
  export CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_LINKER=powerpc-linux-gnu-gcc
  export CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_RUNNER='qemu-ppc-static -L /usr/powerpc-linux-gnu'
  CARGO_TARGET_DIR=$target/powerpc cargo test --quiet --tests --ignore-rust-version \
    -Z build-std=std,panic_abort,panic_unwind,test --target powerpc-unknown-linux-gnu
}

bare() {
  echo 'without an operating system'
  CARGO_TARGET_DIR=$target/bare cargo build --quiet --ignore-rust-version --lib --no-default-features \
    -Z build-std=core,alloc --target thumbv7m-none-eabi
}

portable
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update --quiet=2 &&
  unpack_compiler && install_machine; then
  use_compiler
  powerpc
  bare
else
  echo 'left out: other machines, as the compiler and QEMU come from Debian'
fi
