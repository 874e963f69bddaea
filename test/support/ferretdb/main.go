// An embeddable FerretDB 1.24 with its SQLite handler: speaks MongoDB's protocol, without atomic conditional updates.
// Prints its address; ends when its input ends.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	dir, err := os.MkdirTemp("", "talanoa-ferretdb-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: "127.0.0.1:" + os.Args[1]},
		Handler:   "sqlite",
		SQLiteURL: "file:" + dir + "/",
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	fmt.Println("mongodb://127.0.0.1:" + os.Args[1])
	_, _ = io.Copy(io.Discard, os.Stdin)
	cancel()
	<-done
}
