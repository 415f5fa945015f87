//! Our client and our server, without anything between them.

use interop::transport::{ClientConfig, Connection, HostKey, ServerConfig, TransportError};

pub(crate) fn server_config() -> ServerConfig {
    ServerConfig::new(HostKey::from_seed(&[7; 32]).unwrap())
}

/// Moves bytes between the two until neither has any; the client accepts any host key.
pub(crate) fn pump(client: &mut Connection, server: &mut Connection) -> Result<(), TransportError> {
    loop {
        let up = client.take_output();
        let down = server.take_output();
        if up.is_empty() && down.is_empty() {
            return Ok(());
        }
        server.receive(&up)?;
        client.receive(&down)?;
        client.accept_host_key()?;
    }
}

pub(crate) fn established() -> (Connection, Connection) {
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    let mut server = Connection::server(server_config()).unwrap();
    pump(&mut client, &mut server).unwrap();
    assert!(client.is_established() && server.is_established());
    (client, server)
}
