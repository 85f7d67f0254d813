use std::sync::atomic::{AtomicUsize, Ordering};

use broker_protocol::{
    Message,
    frame::{self, RequestHeader},
    messages::{
        ApiVersionsResponse, DescribeClusterResponse, UnregisterBrokerRequest, UnregisterBrokerResponse,
        api_versions_response::ApiVersion, describe_cluster_response::DescribeClusterBroker,
    },
    wire::Reader,
};
use bytes::Bytes;
use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket, TcpStream},
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

/// A controller that says it leads, and learns only when it is asked the first time that it does not; then it does again.
async fn lead_again(listener: TcpListener) -> io::Result<usize> {
    let port = listener.local_addr()?.port();
    let asked = AtomicUsize::new(0);
    let serve = async |mut stream: TcpStream| -> io::Result<()> {
        loop {
            let length = usize::try_from(stream.read_u32().await?).unwrap();
            let mut frame = vec![0; length];
            stream.read_exact(&mut frame).await?;
            let mut reader = Reader::new(Bytes::from(frame));
            let header = RequestHeader::decode(&mut reader).unwrap();
            let (key, version) = (header.api_key, header.api_version);
            let served = [ApiKey::ApiVersions, ApiKey::DescribeCluster, ApiKey::UnregisterBroker];
            let range = |key: &ApiKey| ApiVersion {
                api_key: key.code(),
                min_version: *key.valid_versions().start(),
                max_version: *key.valid_versions().end(),
            };
            let node = DescribeClusterBroker {
                broker_id: 1,
                host: "127.0.0.1".into(),
                port: port.into(),
                ..DescribeClusterBroker::default()
            };
            let head = key.response_header_version(version);
            let encoded = match key {
                ApiKey::ApiVersions => {
                    let api_keys = served.iter().map(range).collect();
                    framed(&header, head, &ApiVersionsResponse { api_keys, ..ApiVersionsResponse::default() })
                }
                ApiKey::DescribeCluster => {
                    let brokers = vec![node];
                    framed(
                        &header,
                        head,
                        &DescribeClusterResponse { controller_id: 1, brokers, ..Default::default() },
                    )
                }
                _ => {
                    let is_first = asked.fetch_add(1, Ordering::Relaxed) == 0;
                    let code = if is_first { ErrorCode::NotController } else { ErrorCode::None };
                    let response = UnregisterBrokerResponse { error_code: code.code(), ..Default::default() };
                    framed(&header, head, &response)
                }
            };
            stream.write_all(&encoded).await?;
        }
    };
    let next = async || serve(listener.accept().await?.0).await;
    // One for whoever is asked, one for who leads. Both end when the client goes.
    let _ended = tokio::join!(next(), next());
    Ok(asked.load(Ordering::Relaxed))
}

fn framed(header: &RequestHeader, head: i16, response: &impl Message) -> Bytes {
    frame::encode_response(header.correlation_id, head, response, header.api_version).unwrap().into_bytes()
}

#[tokio::test]
async fn who_leads_is_asked_again_when_a_controller_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asking = async {
        let options = Options { contacts: Contacts::Controllers, ..options(Duration::ZERO) };
        let mut client = Client::connect(&address, options).await.unwrap();
        client.controller(&UnregisterBrokerRequest { broker_id: 7 }).await.unwrap().error_code
    };
    let (code, asked) = tokio::join!(asking, lead_again(listener));
    assert_eq!((code, asked.unwrap()), (ErrorCode::None.code(), 2));
}
