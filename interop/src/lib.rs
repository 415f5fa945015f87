//! An example transport, an embedded server and real-server tests.
