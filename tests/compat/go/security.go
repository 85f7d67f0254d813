package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// security is how connections are protected.
type security struct {
	ca, cert, user, password, mechanism string
}

func (s *security) flags(flags *flag.FlagSet) {
	flags.StringVar(&s.ca, "ca", "", "over SSL: certificates to trust")
	flags.StringVar(&s.cert, "cert", "", "certificate and key of its own")
	flags.StringVar(&s.user, "user", "", "by SASL: who it is")
	flags.StringVar(&s.password, "password", "", "the user's password")
	flags.StringVar(&s.mechanism, "mechanism", "PLAIN", "how it is proven")
}

func (s *security) options() ([]kgo.Opt, error) {
	var options []kgo.Opt
	if s.ca != "" {
		config, err := s.tls()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	if s.user != "" {
		mechanism, err := s.sasl()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.SASL(mechanism))
	}
	return options, nil
}

// ping asks a broker for anything, once: consumers would ask for ever.
func ping(ctx context.Context, bootstrap string, security []kgo.Opt) error {
	client, err := kgo.NewClient(append(security, kgo.SeedBrokers(bootstrap), kgo.RequestRetries(0))...)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx)
}

func (s *security) tls() (*tls.Config, error) {
	pem, err := os.ReadFile(s.ca)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + s.ca)
	}
	if s.cert != "" {
		own, err := tls.LoadX509KeyPair(s.cert, s.cert)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}

func (s *security) sasl() (sasl.Mechanism, error) {
	hashed := scram.Auth{User: s.user, Pass: s.password}
	switch s.mechanism {
	case "PLAIN":
		return plain.Auth{User: s.user, Pass: s.password}.AsMechanism(), nil
	case "OAUTHBEARER":
		return oauth.Auth{Token: s.password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return hashed.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return hashed.AsSha512Mechanism(), nil
	}
	return nil, fmt.Errorf("no mechanism is called %s", s.mechanism)
}
