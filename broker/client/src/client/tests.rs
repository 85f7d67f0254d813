use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};

use super::*;
use crate::security::Security;

fn options(first_contact: Duration) -> Options {
    Options { first_contact, ..Options::default() }
}

#[tokio::test]
async fn an_address_that_refuses_is_tried_again_for_as_long_as_it_is_told() {
    // Bound and not listening: whoever connects is refused.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let refused = Client::connect(&address, options(Duration::ZERO)).await;
    assert!(matches!(refused, Err(ClientError::Connect(ConnectError::Unreachable { .. }))), "{refused:?}");

    let mut connecting = std::pin::pin!(Client::connect(&address, options(Duration::from_secs(60))));
    tokio::select! {
        biased;
        ended = &mut connecting => panic!("{ended:?}"),
        () = sleep(CONTACT_PAUSE / 4) => {}
    }
    let listener = socket.listen(1).unwrap();
    tokio::select! {
        ended = &mut connecting => panic!("{ended:?}"),
        accepted = listener.accept() => assert!(accepted.is_ok()),
    }
}

/// A broker that takes no mechanism that this client has.
async fn refuse_a_login(listener: TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    for answer in [
        // To ApiVersions 3: no error, SaslHandshake from 0 to 1, not throttled.
        &b"\0\0\0\x13\0\0\0\x01\0\0\x02\0\x11\0\0\0\x01\0\0\0\0\0\0"[..],
        // To SaslHandshake 1: UNSUPPORTED_SASL_MECHANISM, one mechanism.
        b"\0\0\0\x11\0\0\0\x02\0\x21\0\0\0\x01\0\x05PLAIN",
    ] {
        let length = stream.read_u32().await?;
        io::copy(&mut (&mut stream).take(length.into()), &mut io::sink()).await?;
        stream.write_all(answer).await?;
    }
    Ok(())
}

#[tokio::test]
async fn who_is_not_let_in_is_told_so_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let properties = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "SCRAM-SHA-512"),
        (
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=a password=b;",
        ),
    ];
    let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let security = Security::from_properties(&properties).unwrap();
    let options = Options { security, ..options(Duration::from_secs(60)) };
    // Nobody listens at the second address: it is not asked.
    let bootstrap = format!("{address},127.0.0.1:1");
    let (refused, answered) = tokio::join!(Client::connect(&bootstrap, options), refuse_a_login(listener));
    answered.unwrap();
    let told = "UNSUPPORTED_SASL_MECHANISM: Client SASL mechanism 'SCRAM-SHA-512' not enabled in the server, enabled mechanisms are [PLAIN]";
    assert_eq!(refused.unwrap_err().to_string(), told);
}
