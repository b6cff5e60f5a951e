package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// secret finds the password: in the environment, in a file, or by asking a
// person without showing what is typed. It is never an argument, for those are
// seen by everybody on the machine.
func secret(env *environment, user, file string) (string, error) {
	if file != "" {
		return secretFile(env, file)
	}
	if password := cmp.Or(os.Getenv("MXVET_PASSWORD"), os.Getenv("VRFY_PASSWORD")); password != "" {
		return password, nil
	}
	terminal, ok := env.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return "", usage("no password for --user %s", user).hint("set MXVET_PASSWORD, or name a file: --password-file FILE; a terminal is asked")
	}
	fmt.Fprintf(env.stderr, "Password for %s: ", user)
	password, err := term.ReadPassword(int(terminal.Fd()))
	fmt.Fprintln(env.stderr)
	if err != nil {
		return "", failed("the password cannot be read: %w", err)
	}
	return string(password), nil
}

// secretFile is the first line of a file; - is standard input.
func secretFile(env *environment, path string) (string, error) {
	in := env.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", failed("--password-file %s: %w", path, cause(err)).hint("look at the name, and at the folder you are in")
		}
		defer file.Close()
		in = file
	}
	line, err := bufio.NewReader(io.LimitReader(in, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", failed("--password-file %s: %w", path, cause(err))
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", failed("--password-file %s: its first line is empty", path).hint("the password is the first line")
	}
	return line, nil
}
