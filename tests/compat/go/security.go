package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
)

// secured makes connections SSL where there are certificates to trust, with a certificate of its own where there is one.
func secured(ca, cert string) ([]kgo.Opt, error) {
	if ca == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + ca)
	}
	if cert != "" {
		own, err := tls.LoadX509KeyPair(cert, cert)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return []kgo.Opt{kgo.DialTLSConfig(config)}, nil
}
