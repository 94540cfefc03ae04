package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/unipair/unipair/bench/peers"
	"github.com/unipair/unipair/bench/results"
	"github.com/unipair/unipair/internal/backend"
)

func main() {
	degenerate := flag.Bool("degenerate", false, "count what is not finite on degenerate batches, in place of speed")
	only := flag.String("only", "", "one loss of the catalogue, in place of all")
	page := flag.String("page", "", "file whose section is replaced, such as bench/RESULTS.md")
	flag.Parse()
	if *only != "" && *page != "" {
		fmt.Fprintln(os.Stderr, "bench/losses: -page writes whole tables: leave out -only")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *degenerate, *only, *page)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/losses:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, degenerate bool, only, page string) error {
	device, _, err := backend.Open()
	if err != nil {
		return err
	}
	peer, err := peers.Start(ctx, filepath.Join("bench", "losses", "peer.py"))
	if err != nil {
		return err
	}
	heading, command, measure := "Speed of the losses", "go run ./bench/losses", speed
	if degenerate {
		heading, command, measure = "Degenerate batches", "go run ./bench/losses -degenerate", count
	}
	table, version, err := measure(device, peer, only)
	if err != nil {
		return err
	}
	if err := peer.Stop(); err != nil {
		return err
	}
	text := fmt.Sprintf("`%s`: %s; %s.\n\n%s", command, results.Circumstances(device), version, table)
	fmt.Print(text)
	if page == "" {
		return nil
	}
	return results.Replace(page, heading, text)
}
