package html_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/mxvet/mxvet/scanner"
)

// The tests below look at reports in Chromium. They are skipped where it is
// missing; with MXVET_REAL=1 in the environment that is a failure. .ci/install
// installs it on Debian.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-headless-shell", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("MXVET_REAL") == "1" {
		t.Fatal("not found: chromium (.ci/install installs it)")
	}
	t.Skip("not found: chromium")
	return ""
}

// browser is a tab that shows one report. What it asked of the network, and
// what went wrong in it, fails the test at its end.
type browser struct {
	t     *testing.T
	ctx   context.Context
	url   string
	mu    sync.Mutex
	amiss []string
}

// browse opens a report of rows.
func browse(t *testing.T, rows ...scanner.Row) *browser {
	t.Helper()
	return browseText(t, told(t, rows...))
}

func browseText(t *testing.T, text string) *browser {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, url: "file://" + path}
	// Not the test's context, which is over before its cleanups: Chromium is to be ended by them.
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)), chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, // which root's Chromium wants
		chromedp.DisableGPU, chromedp.WindowSize(1280, 900), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("disable-component-update", true))...)
	ctx, end := context.WithTimeout(allocator, 2*time.Minute)
	b.ctx, _ = chromedp.NewContext(ctx, chromedp.WithListener(b.hear))
	t.Cleanup(func() {
		if err := chromedp.Cancel(b.ctx); err != nil {
			t.Errorf("ending Chromium: %v", err)
		}
		end()
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, what := range b.amiss {
			t.Error(what)
		}
	})
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, first := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
		_, second := cdp.Call(ctx, tab, log.Enable, cdp.Empty{})
		return errors.Join(first, second)
	}), chromedp.Navigate(b.url))
	b.until(`"ready" in document.documentElement.dataset`)
	return b
}

// hear notes every request but for the report itself, and every error.
func (b *browser) hear(event any) {
	var what string
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if url, _, _ := strings.Cut(e.Request.URL, "#"); url != b.url && url != "about:blank" {
			what = "asked the network for " + e.Request.URL
		}
	case *network.EventWebSocketCreated:
		what = "opened a socket to " + e.URL
	case *runtime.EventExceptionThrown:
		what = "threw " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			what += ": " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if len(e.Args) > 0 {
			what = fmt.Sprintf("said in the console (%s): %s", e.Type, e.Args[0].Value)
		}
	case *log.EventEntryAdded:
		what = "logged " + e.Entry.Text
	}
	if what != "" {
		b.mu.Lock()
		b.amiss = append(b.amiss, what)
		b.mu.Unlock()
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// run is an action's result.
func run[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// eval is the value of an expression in the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](expression))
}

func (b *browser) script(statements string) {
	b.t.Helper()
	eval[chromedp.Void](b, statements)
}

// until waits for an expression to be true.
func (b *browser) until(expression string) {
	b.t.Helper()
	poll := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(20*time.Second))
	if _, err := chromedp.Run(b.ctx, poll); err != nil {
		b.t.Fatalf("never true: %s (%v)", expression, err)
	}
}

func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, key := range keys {
		b.do(chromedp.KeyEvent(key))
	}
}

// size makes the window so many pixels wide and high.
func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
	b.settle()
}

// settle waits for two frames to be drawn.
func (b *browser) settle() {
	b.t.Helper()
	run(b, chromedp.Evaluate[bool](`new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`, chromedp.EvalAwaitPromise))
}

// media sets features of the medium, as "prefers-color-scheme", "dark".
func (b *browser) media(medium string, features ...*emulation.MediaFeature) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: features})
		return err
	}))
}

func (b *browser) scheme(name string) {
	b.t.Helper()
	b.media("", &emulation.MediaFeature{Name: "prefers-color-scheme", Value: name})
}

// shoot writes what is in the window as NAME.png among the artifacts, and
// fails where that is one colour.
func (b *browser) shoot(name string) {
	b.t.Helper()
	shot := run(b, chromedp.CaptureScreenshot())
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		b.t.Fatal(err)
	}
	colours := map[any]bool{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 3 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 3 {
			colours[picture.At(x, y)] = true
		}
	}
	if len(colours) < 8 {
		b.t.Errorf("%s: %d colours, so nothing is to be seen", name, len(colours))
	}
	path := filepath.Join(b.t.ArtifactDir(), name+".png")
	if err := os.WriteFile(path, shot, 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("screenshot: %s", path)
}

// quoted is a text as a literal of JavaScript.
func quoted(text string) string {
	literal, _ := json.Marshal(text)
	return string(literal)
}

// blank shows markup of the test's own in place of the report.
func (b *browser) blank(body string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"))
	b.script(`document.documentElement.style.background = "#161616"; document.body.innerHTML = ` + quoted(body))
}
