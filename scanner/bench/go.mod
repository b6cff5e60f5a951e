module github.com/mxvet/mxvet/scanner/bench

go 1.26.0

require (
	github.com/AfterShip/email-verifier v1.4.1
	github.com/mxvet/mxvet v0.0.0-00010101000000-000000000000
)

require (
	github.com/armon/go-socks5 v0.0.0-20160902184237-e75332964ef5 // indirect
	github.com/emersion/go-msgauth v0.7.0 // indirect
	github.com/hbollon/go-edlib v1.6.0 // indirect
	github.com/miekg/dns v1.1.73 // indirect
	github.com/xdg-go/scram v1.4.0 // indirect
	github.com/xdg-go/stringprep v1.0.4 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace github.com/mxvet/mxvet => ../..
