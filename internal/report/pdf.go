package report

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/unipair/unipair/internal/browser"
	"github.com/unipair/unipair/internal/file"
)

// printPages prints the pages of the job to PDF, beside them.
func printPages(ctx context.Context, job Job, temp string, progress io.Writer) error {
	for _, n := range job.Chosen {
		page, printed := filepath.Join(job.Out, n.Name+".html"), filepath.Join(temp, n.Name+".pdf")
		content, err := printPage(ctx, job.PDF, page)
		if err == nil {
			err = file.WriteBytes(printed, content)
		}
		if err == nil {
			err = publish(printed, filepath.Join(job.Out, n.Name+".pdf"))
		}
		if err != nil {
			return fmt.Errorf("pdf of notebook %s: %w", n.Number, err)
		}
		fmt.Fprintf(progress, "notebook %s: printed, %.1f MB\n", n.Number, float64(len(content))/1e6)
	}
	return nil
}

func printPage(ctx context.Context, program, page string) ([]byte, error) {
	tab, err := browser.Open(ctx, program, page, nil)
	if err != nil {
		return nil, err
	}
	defer tab.Close()
	if _, err := browser.Eval[bool](tab, `document.fonts.ready.then(() => true)`); err != nil { // mathematics is set in fonts of the page
		return nil, err
	}
	return tab.PDF()
}
