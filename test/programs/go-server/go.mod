module github.com/signet/signet/test/programs/go-server

go 1.24
