#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| agentidemp_tests::fuzz::run("encoder", data));
