use p12_keystore::{Certificate, PrivateKey, PrivateKeyChain};

use super::*;
use crate::testing::{Authority, Issued};

fn file(path: &Path, password: Option<&str>) -> FileSource {
    FileSource { path: path.to_owned(), is_pem: false, password: password.map(str::to_owned) }
}

fn entry(issued: &Issued) -> KeyStoreEntry {
    let key = PrivateKey::from_der(issued.key.serialized_der()).unwrap();
    let certificate = Certificate::from_der(issued.certificate.der()).unwrap();
    KeyStoreEntry::PrivateKeyChain(PrivateKeyChain::new("own", key, [certificate]))
}

#[test]
fn a_pkcs12_store_gives_its_key_and_what_it_trusts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.p12");
    let issued = Authority::new().issue("own", &[]);
    let mut store = Pkcs12::new();
    store.add_entry("own", entry(&issued));
    std::fs::write(&path, store.writer("word").write().unwrap()).unwrap();
    let found = keys(&KeySource::File(file(&path, Some("word"))), None).unwrap();
    assert_eq!(found.chain, [issued.certificate.der().clone()]);
    assert_eq!(found.key.secret_der(), issued.key.serialized_der());
    let trusted = trusted(&TrustSource::File(file(&path, Some("word")))).unwrap();
    assert_eq!(trusted.certificates, [issued.certificate.der().clone()]);
    assert_eq!(trusted.digest, found.digest, "of one file");

    let said = keys(&KeySource::File(file(&path, Some("other"))), None).err().unwrap().to_string();
    assert!(said.contains("its password is another one") && !said.contains("other)"), "{said}");
    store.add_entry("second", entry(&Issued::self_signed("second")));
    std::fs::write(&path, store.writer("word").write().unwrap()).unwrap();
    let said = keys(&KeySource::File(file(&path, Some("word"))), None).err().unwrap().to_string();
    assert!(said.ends_with("Expected one private key, but found 2"), "{said}");
}

#[test]
fn javas_own_format_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own.jks");
    std::fs::write(&path, [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]).unwrap();
    let said = keys(&KeySource::File(file(&path, Some("word"))), None).err().unwrap().to_string();
    assert!(said.contains("JKS") && said.contains("-deststoretype pkcs12"), "{said}");
}

#[test]
fn what_is_no_store_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own");
    let read = |is_pem| {
        let file = FileSource { path: path.clone(), is_pem, password: None };
        keys(&KeySource::File(file), None).err().unwrap().to_string()
    };
    assert!(read(false).contains(path.to_str().unwrap()));
    std::fs::write(&path, [0xff; 10]).unwrap();
    assert!(read(true).ends_with("it is no text"));
    assert!(read(false).contains("it is no PKCS12 store"));
    std::fs::write(&path, vec![b' '; usize::try_from(FILE_BYTES_MAX).unwrap() + 1]).unwrap();
    assert!(read(true).contains("more than 1048576 bytes"));
}
