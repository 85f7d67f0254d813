//! Frames there and back, and frames that are none.

use alloc::vec::Vec;

use super::*;
use crate::messages::metadata_request::MetadataRequestTopic;
use crate::messages::{ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse};

fn request() -> MetadataRequest {
    let topic = MetadataRequestTopic { name: Some("orders".into()), ..Default::default() };
    MetadataRequest { topics: Some(Vec::from([topic])), ..Default::default() }
}

#[test]
fn a_request_round_trips_with_its_header() {
    for version in MetadataRequest::VERSIONS {
        let request = request();
        let segments = encode_request(&request, version, 7, Some(&"me".into())).expect("encodes");
        let mut frame = Reader::new(segments.into_bytes());
        let len = frame.i32("length").expect("a length");
        assert_eq!(usize::try_from(len), Ok(frame.remaining()));
        let header = RequestHeader::decode(&mut frame).expect("a header");
        let client_id = Some("me".into());
        assert_eq!(
            header,
            RequestHeader { api_key: ApiKey::Metadata, api_version: version, correlation_id: 7, client_id }
        );
        let decoded = MetadataRequest::decode(&mut frame, version).expect("a request");
        assert_eq!((decoded.topics, frame.remaining()), (request.topics, 0), "version {version}");
    }
}

#[test]
fn a_response_round_trips_with_its_header() {
    for version in MetadataResponse::VERSIONS {
        let response =
            MetadataResponse { controller_id: if version >= 1 { 3 } else { -1 }, ..Default::default() };
        let header_version = ApiKey::Metadata.response_header_version(version);
        let segments = encode_response(9, header_version, &response, version).expect("encodes");
        let frame = segments.into_bytes();
        let (correlation_id, decoded) =
            decode_response::<MetadataRequest>(frame.slice(4..), version).expect("a response");
        assert_eq!((correlation_id, decoded.controller_id), (9, response.controller_id));
    }
}

#[test]
fn the_answer_to_api_versions_has_the_oldest_header() {
    assert_eq!(ApiKey::ApiVersions.request_header_version(3), 2);
    assert_eq!(ApiKey::ApiVersions.response_header_version(3), 0);
    let frame = encode_response(1, 0, &ApiVersionsResponse::default(), 3).expect("encodes").into_bytes();
    assert!(decode_response::<ApiVersionsRequest>(frame.slice(4..), 3).is_ok());
}

#[test]
fn what_is_no_request_is_refused() {
    for len in 0..REQUEST_BYTES_MIN {
        let mut r = Reader::new(Bytes::from(alloc::vec![0; len]));
        assert_eq!(RequestHeader::decode(&mut r), Err(FrameError::TooShort(len)));
    }
    let mut unknown = Reader::new(Bytes::from_static(&[0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff]));
    assert_eq!(RequestHeader::decode(&mut unknown), Err(FrameError::UnknownApiKey(0x7fff)));
    let mut cut = Reader::new(Bytes::from_static(&[0, 3, 0, 0, 0, 0, 0, 1, 0, 9]));
    assert!(matches!(RequestHeader::decode(&mut cut), Err(FrameError::Header(_))));
}
