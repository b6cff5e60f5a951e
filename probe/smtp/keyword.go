package smtp

// Keyword names a service extension in the reply to EHLO, in upper case.
type Keyword string

// The registered extensions (IANA, SMTP Service Extensions).
const (
	Ext8BitMIME            Keyword = "8BITMIME"            // RFC 6152: MAIL BODY=8BITMIME
	ExtATRN                Keyword = "ATRN"                // RFC 2645: on-demand relay
	ExtAuth                Keyword = "AUTH"                // RFC 4954: parameters are SASL mechanisms
	ExtBinaryMIME          Keyword = "BINARYMIME"          // RFC 3030: MAIL BODY=BINARYMIME; needs CHUNKING
	ExtBURL                Keyword = "BURL"                // RFC 4468: message by IMAP URL
	ExtCheckpoint          Keyword = "CHECKPOINT"          // RFC 1845, experimental: restart a transfer
	ExtChunking            Keyword = "CHUNKING"            // RFC 3030: BDAT
	ExtConneg              Keyword = "CONNEG"              // RFC 4141: what the recipient's device can show
	ExtConperm             Keyword = "CONPERM"             // RFC 4141: leave to convert
	ExtDeliverBy           Keyword = "DELIVERBY"           // RFC 2852: parameter is the least time in seconds
	ExtDSN                 Keyword = "DSN"                 // RFC 3461: RET, ENVID, NOTIFY, ORCPT
	ExtEnhancedStatusCodes Keyword = "ENHANCEDSTATUSCODES" // RFC 2034: replies begin with x.y.z
	ExtETRN                Keyword = "ETRN"                // RFC 1985: start the queue for a domain
	ExtEXPN                Keyword = "EXPN"                // RFC 5321 s3.5
	ExtFutureRelease       Keyword = "FUTURERELEASE"       // RFC 4865: parameters are the longest hold and the last date
	ExtHelp                Keyword = "HELP"                // RFC 5321 s4.1.1.8
	ExtLimits              Keyword = "LIMITS"              // RFC 9422: MAILMAX=, RCPTMAX=, RCPTDOMAINMAX=
	ExtMTPriority          Keyword = "MT-PRIORITY"         // RFC 6710: parameter is a profile
	ExtMTRK                Keyword = "MTRK"                // RFC 3885: message tracking
	ExtNoSoliciting        Keyword = "NO-SOLICITING"       // RFC 3865: parameters are classes of mail not wanted
	ExtPipelining          Keyword = "PIPELINING"          // RFC 2920
	ExtRequireTLS          Keyword = "REQUIRETLS"          // RFC 8689: only inside TLS
	ExtRRVS                Keyword = "RRVS"                // RFC 7293: only if the mailbox still has its owner
	ExtSAML                Keyword = "SAML"                // RFC 821: send and mail; dead
	ExtSend                Keyword = "SEND"                // RFC 821: to a terminal; dead
	ExtSize                Keyword = "SIZE"                // RFC 1870: parameter is the limit in octets
	ExtSMTPUTF8            Keyword = "SMTPUTF8"            // RFC 6531: needs 8BITMIME
	ExtSOML                Keyword = "SOML"                // RFC 821: send or mail; dead
	ExtStartTLS            Keyword = "STARTTLS"            // RFC 3207
	ExtSubmitter           Keyword = "SUBMITTER"           // RFC 4405, historic: Sender ID
	ExtTurn                Keyword = "TURN"                // RFC 821: change of roles; dead, and dangerous
	ExtUTF8SMTP            Keyword = "UTF8SMTP"            // RFC 5336, obsolete: before SMTPUTF8
	ExtVRFY                Keyword = "VRFY"                // RFC 5321 s3.5
	ExtOneX                Keyword = "ONEX"                // one message only; registered, never specified
	ExtVerb                Keyword = "VERB"                // verbose replies; registered, never specified
)

// Not registered, but seen where it matters.
const (
	ExtAuthLegacy  Keyword = "AUTH="          // `AUTH=LOGIN`: the form before RFC 2554, said for old Outlooks
	ExtXClient     Keyword = "XCLIENT"        // Postfix: lets its user pretend to be any client
	ExtXForward    Keyword = "XFORWARD"       // Postfix: the same, for its logs
	ExtXExch50     Keyword = "XEXCH50"        // Exchange: raw message properties
	ExtPRDR        Keyword = "PRDR"           // Exim: a reply for each recipient after DATA
	ExtPipeConnect Keyword = "PIPECONNECT"    // Exim: commands before the greeting
	ExtXPipe       Keyword = "X_PIPE_CONNECT" // Exim: the same, before it had its name
	ExtXAnonTLS    Keyword = "X-ANONYMOUSTLS" // Exchange: TLS among its own
	ExtXExps       Keyword = "X-EXPS"         // Exchange: AUTH among its own
	ExtXVerp       Keyword = "XVERP"          // Postfix: variable envelope return paths
	ExtXRcptLimit  Keyword = "X-RCPTLIMIT"    // what LIMITS RCPTMAX says now
)
