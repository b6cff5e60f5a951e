package cli

// The help texts, as a person would explain them: what it is for, how it is
// used, what comes out, and only then the flags.

const rootHelp = `Verify e-mail addresses and audit mail servers.

  mxvet demo                                see it work, offline, in ten seconds
  mxvet verify ann@example.org              will mail to this address arrive?
  mxvet verify -f list.csv -o verdicts.csv  the same for a whole list
  mxvet scan example.org                    what do its mail servers offer?
  mxvet send --from me@example.net --to ann@example.org   does mail get there?
  mxvet doctor                              can this machine verify at all?
  mxvet lab                                 a practice Internet to try things on

Commands:
  verify      will mail to these addresses arrive?
  scan        what do these mail servers offer?
  send        send one test message, and show every word of it
  doctor      can this machine verify at all?
  explain     what does this reply, or this address, mean?
  report      show again, judge again or compare what a run stored
  jobs        what of a long run is done, and what is left?
  demo        verify and scan the practice Internet, in this process
  lab         serve the practice Internet until Ctrl-C
  man         print the manual page
  completion  print shell completion for bash, zsh, fish or powershell

mxvet COMMAND --help explains a command. Every flag has an environment variable:
--mail-from is MXVET_MAIL_FROM.

Exit status: 0 done, 1 could not run, 2 wrong command line, 3 what --fail-on
named was found or the doctor's finding is fatal, 130 interrupted (all finished
work is kept); of send also 4 refused, 5 login failed, 6 TLS failed, 7 no
connection, or it was lost.`

const verifyHelp = `Will mail to these addresses arrive?

  mxvet verify ann@example.org bob@example.net
  mxvet verify -f list.csv -o verdicts.csv
  mxvet verify -f list.csv.gz --split verdicts
  cat list.txt | mxvet verify -f - --format jsonl
  mxvet verify -f list.csv -o verdicts.csv \
      --mail-from you@your.domain --helo mail.your.domain
  mxvet verify -f list.csv --plan

Each address gets a verdict (deliverable, risky, undeliverable, unknown), a
reason, who would have to change something, and the server's own words. Its mail
servers are asked with RCPT, never sent a message. A random mailbox is asked
for once a domain, to find those that take mail for every name.

A list is a text file with an address a line, a CSV file or JSON lines, and may
be compressed with gzip or zstd, whatever its name. The column with the
addresses is found, and all columns are kept. Results come in the order of the
list, or, with --unordered, as they finish. An address that stands there twice
is asked once. With --split DIR each verdict has a file of its own in that
folder: deliverable.csv, risky.csv, undeliverable.csv and unknown.csv.

A list that was verified before need not be asked for all over: with
--known old.jsonl, the JSON lines of an earlier run, only rows are asked that
are new, were unknown or are older than --since; the others are told as they
were found then.

More than 25 addresses at other people's servers want --mail-from, and a --helo
name that leads back to this machine: who is asked may know who asks. Port 25
must be open to the outside; at home and in most clouds it is not.

At the pace "gentle" a server hears of at most four unknown mailboxes in ten
minutes, so that a long list of one domain takes its time; "brisk" asks on while
the server bears it; "own" is for servers you run. Whatever the pace, a server
that pushes back is asked less, and more again when it answers. A domain that
knows hardly anybody of its first addresses is asked no more (harvest_guard).
--plan tells beforehand whom the run would ask and for how long, and asks no
mail server; of a list it keeps the domains only. --max-duration and
--max-conversations end a run early; its output is whole all the same.

Several --source-ip or --proxy are taken in turn, and count as one of us with
every server: a refusal is not tried again from elsewhere, and a greylisted
address is asked again from where it was. A proxy that is down is left out until
it is back.

A run of 1,000 rows or more from -f to -o is not lost when it ends early: what
was answered is kept in a file beside the output (verdicts.csv.job), the same
command goes on from there, and at the end the file is removed. mxvet jobs shows
how far it is. --metrics :9090 serves the counts of the run to Prometheus, at
http://127.0.0.1:9090/metrics.`

const scanHelp = `What do these mail servers offer, promise and get wrong?

  mxvet scan example.org
  mxvet scan example.org mx.example.net:587 192.0.2.7 [2001:db8::7]:465
  mxvet scan -f domains.csv -o audit.html
  mxvet scan -f domains.csv --group-by owner --format html -o reports
  mxvet scan example.org --format sarif -o mail.sarif --fail-on high
  mxvet scan --checks

A name is a domain, and all its exchangers are asked at all their addresses; a
name or address with a port is one server. Each server is asked once however
many domains use it: EHLO, STARTTLS, EHLO again, VRFY of postmaster where it is
offered, QUIT. What domains promise is looked up beside it: MTA-STS, DANE,
TLS-RPT, SPF, DMARC, BIMI, CAA. What comes out: the facts, what is wrong with
them, how bad that is, and the line that mends it. A fact that could not be
measured is empty or inconclusive, with the reason, and never a no or a finding;
a server that puts us off is asked again after 5 and 20 seconds.

That is one connection to each server. More of them only where you ask for it,
a second apart (at --pace own without a rest), and none delivers mail:
--tls-sweep 30 to 40 (how far its TLS goes down), --intrusive 4 or 5 (commands
smuggled behind STARTTLS, lines without CR, mail before TLS or login, NTLM's
names; EXPN and HELP beside them), --relay-test 1 (RCPT of mailboxes elsewhere).
Some of it looks like an attack in the server's log: ask whoever runs it first.

--expect policy.toml gives severities of your own, and says what you expect of
which domains. --baseline earlier.jsonl accepts what is known. --fail-on high
makes the exit status 3, for pipelines. mxvet report --diff compares two scans.

-o by its ending: .html for people; .jsonl has all facts, and mxvet report makes
every other form of it; .csv has a line a server and findings.csv a line a
finding; .sarif, .xml (JUnit), .md and .prom are for other programs.`

const jobsHelp = `What of a long run is done, and what is left?

  mxvet jobs
  mxvet jobs list /srv/lists
  mxvet jobs show verdicts.csv.job
  mxvet jobs write verdicts.csv.job -o so-far.csv
  mxvet jobs prune verdicts.csv.job

mxvet verify -f list.csv -o verdicts.csv keeps what was answered in
verdicts.csv.job. All of this may be done while it runs, but for prune.

  list   the jobs in a folder, this one if none is named
  show   one job, with what it was begun for
  write  the rows that are final now; --exclude, --known, --trait as the run had
  prune  remove jobs that nobody is at work on, with all that was answered

The file is an SQLite database that may be read while the run goes on, and with
--keep-job after it:

  sqlite3 -readonly verdicts.csv.job 'SELECT * FROM progress'
  sqlite3 -readonly verdicts.csv.job 'SELECT mailbox, code, text FROM answers'
  sqlite3 -readonly verdicts.csv.job .schema

Its tables are job (what it is for), work (the lines of input, and below 0 the
random mailboxes), attempts (what servers said, by work), domains (whose work
waits where) and known (the routes of domains); progress and answers are views.
The schema says what each column holds.`

const jobsListHelp = `List the jobs in a folder.

  mxvet jobs list
  mxvet jobs list /srv/lists

Each has a state (running, stopped, or whole: every row read so far is final),
its rows, how many of them are final, how many wait for their time (greylisted
ones among them), and when the first of those is due.`

const jobsShowHelp = `Show how far a job is, and what it was begun for.

  mxvet jobs show verdicts.csv.job

The same input and the same flags are wanted to go on with it.`

const jobsWriteHelp = `Write the rows of a job that are final now.

  mxvet jobs write verdicts.csv.job -o so-far.csv
  mxvet jobs write verdicts.csv.job --format jsonl | jq .verdict

Nobody is asked. The run may go on meanwhile, and the job stays as it is. Rows
that are not final yet are left out. A run that had lists of its own is told
with them: the job knows only their fingerprints.`

const jobsPruneHelp = `Remove jobs, with all that was answered.

  mxvet jobs prune verdicts.csv.job
  mxvet jobs prune *.job

A job that somebody is at work on stays, and so does a file that is no job.`

const sendHelp = `Send one test message, and show every word of it.

  mxvet send --from you@your.domain --to ann@example.org \
      --subject 'Simple test message' --body 'This is the body.'
  mxvet send --from you@your.domain --to ann@example.org --to bob@example.org \
      --server mail.your.domain:587 --tls verify --user you --attach report.pdf
  mxvet send --server mail.your.domain:465 --user you --check-login
  mxvet send --from you@your.domain --to ann@example.org --message mail.eml

Without --server the message goes to the mail exchangers of each recipient's
domain, to the first that answers. From, To, Date and Message-ID are added to a
message that lacks them, and nothing else in it is changed. A recipient who is
refused does not keep the others from getting it.

The session is shown as it happens: what we say (C), what the server says (S),
and what is to be noted beside it (*), with the seconds since the connection. No
password is shown. After STARTTLS we say EHLO again, and both answers are shown.

The password is MXVET_PASSWORD or VRFY_PASSWORD in the environment, the first
line of --password-file, or it is asked for; never an argument, for those are
seen by everybody on the machine. PLAIN, LOGIN and tokens need TLS.

Exit status: 0 sent, or logged in with --check-login; 4 the server refused the
message or a recipient; 5 the login failed; 6 TLS failed, or the certificate is
bad and was to be verified; 7 no connection, or it was lost.`

const demoHelp = `See it work: verify and audit the practice Internet.

  mxvet demo
  mxvet demo -o results

Some fifty domains, each with a mail server of another character, live in this
process; nothing leaves it. Their list is verified, they and their servers are
audited, tables, findings and a summary are shown, and verdicts.csv,
verdicts.jsonl, servers.csv and audit.html are written to a folder that is named
at the end.`

const labHelp = `Serve the practice Internet until Ctrl-C.

  mxvet lab
  mxvet verify --resolver 127.0.0.1:40053 --proxy socks5://127.0.0.1:41080 \
      --allow-private ann.archer@plain.example

Some fifty domains under .example, each with a mail server of another character:
greylisting, catch-all, full mailboxes, broken certificates, tarpits. DNS is
answered on a port of 127.0.0.1; the servers live at 192.0.2.0/24 behind a
SOCKS5 proxy on another. The flags to reach them are printed, and the
domains listed.`

const manHelp = `Print the manual page.

  mxvet man | man -l -
  mxvet man > /usr/local/share/man/man1/mxvet.1`

const doctorHelp = `Can this machine verify at all?

  mxvet doctor
  mxvet doctor --mail-from you@your.domain --helo mail.your.domain
  mxvet doctor --to mx.example.org --to 192.0.2.25:2525
  mxvet doctor --public-ip 203.0.113.5 --dnsbl bl.example.org
  mxvet doctor --format jsonl -o doctor.jsonl

Give it the flags the run will have. It connects to the mail servers of a few
large domains, or to those that --to names, reads their greetings and says QUIT,
and asks DNS about the address it came from: its name, the HELO name, the
sender's domain and SPF, blocklists; about IPv6 the same; and about the resolver
itself. Then it says what to do.

ok, warning (some servers will turn us away), fatal (verifying cannot work from
here), inconclusive (it could not be found out), skipped (nothing to look at).

Exit status 3 means that something is fatal.`
