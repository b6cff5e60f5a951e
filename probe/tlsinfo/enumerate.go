package tlsinfo

import (
	"context"
	"slices"
	"strings"
)

// chunk is how many suites stand in one hello.
const chunk = 64

// all goes from the newest version down, so that what the server has most likely
// is known when a sweep ends early.
func (w *sweeping) all(ctx context.Context) {
	for _, version := range [...]uint16{tls13, tls12, 0x0302, tls10, ssl3} {
		if !w.version(ctx, version) {
			return
		}
	}
	if w.found.Versions == nil {
		w.found.Versions = []Accepted{}
	}
	if w.allGroups(ctx) {
		w.order(ctx)
	}
}

// end notes why a sweep cannot go on.
func (w *sweeping) end(err error) bool {
	if isEnded(err) {
		w.found.Why = err.Error()
	}
	return !isEnded(err)
}

// version asks for one version's suites; false ends the sweep.
func (w *sweeping) version(ctx context.Context, version uint16) bool {
	name, taken := versionName(version), []uint16{}
	err := w.suites(ctx, version, &taken)
	why := ""
	if err != nil {
		why = err.Error()
	}
	if w.taken[version] = taken; len(taken) > 0 {
		w.found.Versions = append(w.found.Versions, Accepted{Version: name, Suites: names(taken, suiteName), Why: why})
	} else if err != nil {
		w.found.Untold = append(w.found.Untold, Untold{Version: name, Why: why})
	}
	if err == nil {
		return true
	}
	return w.end(err)
}

// suites offers a version's suites in lists, each again without what was chosen,
// until it is refused. The list is complete where the error is nil.
func (w *sweeping) suites(ctx context.Context, version uint16, taken *[]uint16) error {
	for offer := range slices.Chunk(suitesFor(version), chunk) {
		offer = slices.Clone(offer)
		for len(offer) > 0 {
			got, err := w.ask(ctx, hello{version: version, suites: offer, groups: groupsFor(version), shares: w.shares}, false)
			switch {
			case err != nil:
				return err
			case got.refused() && w.wantsKeys(version, got.alert, *taken):
				w.shares = true
				continue
			case got.alert == protocolVersion && len(*taken) == 0, !got.refused() && got.version != version:
				return nil // the server does not know the version, or chose another
			}
			at := slices.Index(offer, got.suite)
			if got.refused() || at < 0 {
				break
			}
			*taken = append(*taken, got.suite)
			offer = slices.Delete(offer, at, at+1)
		}
	}
	return nil
}

// wantsKeys reports whether a refusal may be of the empty list of keys, which
// servers ought to answer with the group they want.
func (w *sweeping) wantsKeys(version uint16, alert int, taken []uint16) bool {
	return version == tls13 && !w.shares && len(taken) == 0 && alert != protocolVersion && alert != handshakeFailure && alert != insufficientSecurity
}

// allGroups asks for groups; false ends the sweep. The list stays null where a
// server could not be asked.
func (w *sweeping) allGroups(ctx context.Context) bool {
	found := []uint16{}
	complete := true
	for _, version := range [...]uint16{tls13, w.newestCurves()} {
		if version == 0 || len(w.taken[version]) == 0 {
			continue
		}
		if version == tls13 && w.shares {
			complete = false // it takes what it is given keys for, and keys of all groups make no hello
			continue
		}
		if err := w.groupsOf(ctx, version, &found); err != nil {
			return w.end(err)
		}
	}
	if complete {
		w.found.Groups = names(found, groupName)
	}
	return true
}

// newestCurves is the newest version before TLS 1.3 in which a suite with ECDHE
// is taken; 0 for none.
func (w *sweeping) newestCurves() uint16 {
	for version := tls12; version >= tls10; version-- {
		if len(curved(w.taken[version])) > 0 {
			return version
		}
	}
	return 0
}

// curved keeps the suites with ECDHE: those with RSA where there are any, for
// a certificate of ECDSA wants its own curve among those offered (RFC 8422 s5.1.1).
func curved(suites []uint16) []uint16 {
	pick := func(word string) (out []uint16) {
		for _, id := range suites {
			if strings.Contains(suiteName(id), word) {
				out = append(out, id)
			}
		}
		return out
	}
	if rsa := pick("_ECDHE_RSA_"); len(rsa) > 0 {
		return rsa
	}
	return append(pick("_ECDHE_"), pick("_ECDH_anon_")...)
}

func (w *sweeping) groupsOf(ctx context.Context, version uint16, found *[]uint16) error {
	offer, suites := groupsFor(version), w.taken[version]
	if version != tls13 {
		suites = curved(suites)
	}
	for len(offer) > 0 {
		got, err := w.ask(ctx, hello{version: version, suites: suites, groups: offer}, true)
		if err != nil {
			return err
		}
		at := slices.Index(offer, got.group)
		if got.refused() || got.version != version || at < 0 {
			return nil
		}
		if !slices.Contains(*found, got.group) {
			*found = append(*found, got.group)
		}
		offer = slices.Delete(offer, at, at+1)
	}
	return nil
}

// order tells whose preference counts: the suites that are taken are offered the
// other way round, and a server with an order of its own chooses as before.
// ChaCha20 is left out, for servers take it at once from clients that put it first.
func (w *sweeping) order(ctx context.Context) {
	for _, version := range [...]uint16{tls12, 0x0302, tls10, ssl3, tls13} {
		offered := suitesFor(version)
		offered = offered[:min(len(offered), chunk)] // beyond them it was not told what comes before what
		taken := slices.DeleteFunc(slices.Clone(w.taken[version]), func(id uint16) bool {
			return !slices.Contains(offered, id) || strings.Contains(suiteName(id), "CHACHA20")
		})
		if len(taken) < 2 {
			continue
		}
		offer := slices.SortedFunc(slices.Values(taken), func(a, b uint16) int { return slices.Index(offered, b) - slices.Index(offered, a) })
		got, err := w.ask(ctx, hello{version: version, suites: offer, groups: groupsFor(version), shares: w.shares && version == tls13}, false)
		switch {
		case err != nil:
			w.end(err)
		case !got.refused() && got.suite == taken[0]:
			w.found.Order = "server"
		case !got.refused() && got.suite == offer[0]:
			w.found.Order = "client"
		}
		return
	}
}

func names(ids []uint16, name func(uint16) string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = name(id)
	}
	return out
}
