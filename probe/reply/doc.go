// Package reply answers what a mail server's reply means.
//
// The three digits (RFC 5321 s4.2) say who should act next, not why. A 550 can be
// a mailbox that does not exist, a client on a blocklist, a sender without SPF or
// a rate limit; the enhanced code (RFC 3463, RFC 2034) narrows it down where the
// server means it, and some mean something else by it: 5.7.1, "policy", is a
// mailbox unknown to Yandex. So the words count most, and before them the stage:
// what a server says at the greeting, at EHLO or at MAIL cannot be about a
// recipient it has not heard of, and what it holds against us it may still keep
// back until RCPT, as Postfix does.
//
// All of that is one ordered table, rules.txt, whose head explains how to add to
// it. A reply becomes a meaning so:
//
//  1. its text is brought to plain words (normalise): case, accents, punctuation
//     and the enhanced code go, addresses become <addr> and <ip>;
//  2. the index wakes up the phrases whose rarest word stands in the text;
//  3. of the rules whose stage, code, enhanced code, provider and words fit, the
//     first in the table is the answer, and its name the evidence;
//  4. towards the end stand single words for what no phrase knew, and last a rule
//     for every enhanced code and every code without words.
//
// The table cannot call an address dead by oversight: reading it fails where a
// meaning about the recipient is given to a stage before RCPT, or to any code;
// and its group &about-us names the words beside which "user unknown" is our own
// fault, or the server's, and not the recipient's.
// Some rules do read "no such user" from a 4xx, because the server says it; that
// no 4xx is final is the judge's to know, as is the answer a random mailbox got.
//
// Sentence and Advice put a meaning into words for a person.
//
// Left out: who is to blame, what the machine does next and when; delivery
// status notifications (RFC 3464), which come after the conversation.
package reply
