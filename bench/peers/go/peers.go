// golang-jwt (Debian: golang-github-golang-jwt-jwt-dev): see ../README.md.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"syscall"

	"github.com/golang-jwt/jwt"
)

type testCase struct {
	Algorithm  string `json:"algorithm"`
	Token      string `json:"token"`
	Secret     string `json:"secret"`
	PublicPem  string `json:"public_pem"`
	PrivatePem string `json:"private_pem"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The process's processor time, in nanoseconds.
func now() float64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

// Nanoseconds of processor time of one work().
func measure(seconds float64, work func()) float64 {
	var slices []float64
	end := 0.0
	for times := 1; end == 0 || now() < end; {
		begin := now()
		for i := 0; i < times; i++ {
			work()
		}
		took := now() - begin
		if end == 0 && took < 20e6 {
			times *= 2
			continue
		}
		if end == 0 {
			end = now() + seconds*1e9
		}
		slices = append(slices, took/float64(times))
	}
	sort.Float64s(slices)
	return slices[len(slices)/2]
}

func keys(c testCase) (public, private interface{}) {
	var err error
	switch c.Algorithm {
	case "HS256":
		public, err = base64.RawURLEncoding.DecodeString(c.Secret)
		private = public
	case "RS256":
		public, err = jwt.ParseRSAPublicKeyFromPEM([]byte(c.PublicPem))
		check(err)
		private, err = jwt.ParseRSAPrivateKeyFromPEM([]byte(c.PrivatePem))
	case "ES256":
		public, err = jwt.ParseECPublicKeyFromPEM([]byte(c.PublicPem))
		check(err)
		private, err = jwt.ParseECPrivateKeyFromPEM([]byte(c.PrivatePem))
	case "EdDSA":
		public, err = jwt.ParseEdPublicKeyFromPEM([]byte(c.PublicPem))
		check(err)
		private, err = jwt.ParseEdPrivateKeyFromPEM([]byte(c.PrivatePem))
	}
	check(err)
	return
}

func main() {
	seconds, err := strconv.ParseFloat(os.Args[1], 64)
	check(err)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c testCase
		check(json.Unmarshal(lines.Bytes(), &c))
		public, private := keys(c)
		parser := jwt.Parser{ValidMethods: []string{c.Algorithm}}
		verify := func() jwt.MapClaims {
			claims := jwt.MapClaims{}
			_, err := parser.ParseWithClaims(c.Token, claims, func(*jwt.Token) (interface{}, error) { return public, nil })
			check(err)
			if !claims.VerifyIssuer("https://auth.example", true) || !claims.VerifyAudience("api", true) {
				check(fmt.Errorf("issuer or audience"))
			}
			return claims
		}
		claims := verify()
		sign := func() {
			_, err := jwt.NewWithClaims(jwt.GetSigningMethod(c.Algorithm), claims).SignedString(private)
			check(err)
		}
		for _, row := range []struct {
			name string
			work func()
		}{{"verify", func() { verify() }}, {"sign", sign}} {
			line, _ := json.Marshal(map[string]interface{}{
				"peer": "golang-jwt " + os.Args[2], "name": row.name + " " + c.Algorithm, "ns": measure(seconds, row.work)})
			fmt.Println(string(line))
		}
	}
}
