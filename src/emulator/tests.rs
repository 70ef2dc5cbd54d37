//! What the emulator promises, over HTTP and within.
