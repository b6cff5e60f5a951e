package audit

import "github.com/mxvet/mxvet/scanner"

// grade is how bad something is, and why.
type grade struct {
	severity scanner.Severity
	because  string
}

// grades argues every severity by what happens to mail, and when.
//
// critical: mail is lost now, or anybody on the Internet abuses the server.
// high: mail is lost, delayed or read under conditions that do occur: somebody
// listens on the way, a sender keeps DANE. medium: some mail or its privacy is
// at risk; the harm needs a second thing to go wrong. low: against good practice,
// and no harm by itself. info: worth knowing; a sound server may well have it.
//
// A certificate that is not valid stays low or medium for servers among
// themselves, since opportunistic senders take any (RFC 7435). Where the domain
// promised a valid one, mta_sts_server_fails and tlsa_mismatch say what it costs.
func grades() map[string]grade {
	const (
		info     = scanner.Info
		low      = scanner.Low
		medium   = scanner.Medium
		high     = scanner.High
		critical = scanner.Critical
	)
	return map[string]grade{
		"server_unreachable":     {low, "senders go on to the next address, a little later"},
		"ipv6_unreachable":       {medium, "senders that try IPv6 first lose time, and those with nothing else lose the mail"},
		"host_refuses_mail":      {high, "mail that comes to this exchanger first is returned"},
		"greeting_slow":          {low, "impatient senders come again later"},
		"reply_malformed":        {low, "most clients understand it all the same"},
		"ehlo_refused":           {medium, "without EHLO there is neither TLS nor a reason in a refusal"},
		"software_version":       {info, "the version helps attackers little and is often wanted"},
		"software_unsupported":   {medium, "the next hole in the system stays open"},
		"starttls_absent":        {high, "whoever is on the way reads all mail"},
		"starttls_fails":         {high, "senders fall back to clear text or do not deliver"},
		"starttls_inside_tls":    {low, "senders ignore the offer"},
		"starttls_trailing":      {medium, "it harms clients that are careless themselves"},
		"sni_refused":            {medium, "senders that must send the name fail, the others come through"},
		"tls_version_old":        {medium, "encrypted against listeners of modest means; some senders refuse it"},
		"tls_1_3_absent":         {info, "TLS 1.2 is sound"},
		"tls_cipher_weak":        {medium, "recorded mail can be read with effort"},
		"tls_no_forward_secrecy": {medium, "recorded mail can be read by whoever gets the key later"},
		"tls_no_post_quantum":    {info, "nobody can make use of it yet, and few servers have it"},
		"sweep_sslv3":            {medium, "only clients that offer nothing better are harmed"},
		"sweep_tls_1_0":          {low, "only old senders use it, and it is better than clear text"},
		"sweep_export":           {high, "a man in the middle brings sound clients down to it"},
		"sweep_null":             {high, "mail goes in clear and looks encrypted"},
		"sweep_anonymous":        {info, "senders that check no certificate lose nothing by it"},
		"sweep_rc4":              {low, "only old senders use it"},
		"sweep_3des":             {low, "mail sessions are too short for the attack"},
		"sweep_static_rsa":       {info, "only old senders use it"},
		"cert_expired":           {medium, "senders that check do not deliver, and renewing does not work"},
		"cert_expiring":          {medium, "in days it is expired"},
		"cert_not_yet_valid":     {medium, "senders that check do not deliver"},
		"cert_name_mismatch":     {low, "no sender checks the name unless the domain promised it"},
		"cert_self_signed":       {low, "no sender checks the issuer unless the domain promised it"},
		"cert_untrusted":         {low, "no sender checks the issuer unless the domain promised it"},
		"cert_key_weak":          {medium, "posing as the server takes effort"},
		"cert_signature_weak":    {medium, "a certificate can be forged with effort, and validators refuse it"},
		"cert_revoked":           {high, "somebody else may have the key"},
		"staple_stale":           {low, "hardly any sender looks at it"},

		"auth_in_clear":               {high, "passwords are read where a client skips TLS"},
		"auth_weaker_before_tls":      {medium, "it takes a man in the middle and a client that follows him"},
		"auth_obsolete":               {low, "inside TLS little comes of it"},
		"auth_anonymous":              {medium, "what such a login may do is unknown"},
		"auth_on_exchanger":           {info, "common, and safe where guessing is limited"},
		"auth_legacy_form":            {info, "it does no harm"},
		"submission_no_auth":          {medium, "users cannot send, or need not log in"},
		"submission_open":             {high, "strangers send as users do"},
		"submission_cert":             {high, "users see a warning, or nothing works"},
		"submission_tls_not_required": {medium, "a program that loses STARTTLS goes on in clear"},

		"ext_binarymime_without_chunking": {low, "the offer cannot be taken up"},
		"ext_smtputf8_without_8bitmime":   {low, "the offer cannot be taken up"},
		"ext_limits_malformed":            {low, "the limits are met the hard way"},
		"ext_size_malformed":              {low, "big messages are refused late"},
		"ext_malformed":                   {low, "careful clients leave the extension out"},
		"ext_overwritten":                 {high, "no sender can encrypt"},
		"ext_unknown":                     {info, "clients pass over what they do not know"},
		"ext_legacy":                      {info, "nobody uses them"},
		"ext_requiretls_before_tls":       {low, "senders look for it inside TLS"},
		"ext_xclient":                     {high, "strangers pass for anybody, if it is what it seems"},
		"ext_xforward":                    {low, "strangers write into the log"},

		"starttls_required":  {medium, "senders without TLS cannot deliver; for some that is the intention"},
		"starttls_injection": {high, "a man in the middle steals passwords and mail"},
		"bare_lf":            {info, "servers that are strict about the end of messages answer too"},
		"ntlm_information":   {low, "names and builds are no secrets, but a beginning"},
		"vrfy_reveals":       {low, "RCPT tells the same, more slowly"},
		"expn_reveals":       {medium, "names of people behind an address are private"},
		"open_relay":         {critical, "it is abused within hours"},

		"ptr_missing":        {low, "it matters to mail that the machine sends"},
		"ptr_unconfirmed":    {low, "it matters to mail that the machine sends"},
		"hello_name_invalid": {low, "it matters to mail that the machine sends"},
		"hello_name_not_ptr": {info, "many sound servers differ"},
		"dnsbl_listed":       {medium, "mail that the machine sends is refused in many places"},

		"domain_absent":          {high, "mail comes back, if anybody has the domain in an address"},
		"no_exchanger_usable":    {critical, "mail comes back"},
		"no_exchanger_reachable": {critical, "mail waits and comes back"},
		"mx_ip_address":          {high, "most senders cannot use the record"},
		"mx_name_unusable":       {medium, "senders go on to the next"},
		"null_mx_beside_others":  {medium, "some senders return mail and others deliver"},
		"mx_implicit":            {low, "it works until the web moves"},
		"mx_single":              {info, "senders try for days"},
		"mx_cname":               {low, "nearly all senders follow"},
		"mx_private_address":     {medium, "senders go on to the next, if there is one"},
		"mx_no_address":          {medium, "senders go on to the next, if there is one"},
		"ipv6_missing":           {info, "nearly all senders have IPv4"},

		"pool_starttls":    {medium, "senders can be steered to the one in clear"},
		"pool_tls":         {low, "the older one still encrypts"},
		"pool_extensions":  {info, "servers that know the client already may offer more to it"},
		"pool_certificate": {info, "each may be in order"},

		"mx_dnssec_absent":        {info, "most of the Internet is not signed"},
		"exchanger_dnssec_absent": {info, "only the exchanger's owner can change it"},
		"tlsa_mismatch":           {critical, "senders that keep DANE deliver nothing"},
		"tlsa_no_starttls":        {critical, "senders that keep DANE deliver nothing"},
		"tlsa_lookup_fails":       {high, "mail from senders that keep DANE waits while it lasts"},
		"tlsa_unusable":           {medium, "the promise is made and not kept; mail still flows"},
		"tlsa_partly_unusable":    {low, "senders pass them over"},
		"tlsa_without_dnssec":     {medium, "the protection that somebody set up does not exist"},
		"tlsa_rollover":           {info, "it costs mail only if the key changes carelessly"},
		"tlsa_whole_certificate":  {low, "every renewal is a chance to lose mail"},
		"dane_absent":             {info, "a chance, not a fault"},

		"mta_sts_absent":               {info, "a chance, not a fault"},
		"mta_sts_record_invalid":       {medium, "the protection that somebody set up does not exist"},
		"mta_sts_policy_missing":       {medium, "the protection that somebody set up does not exist"},
		"mta_sts_record_missing":       {medium, "the protection that somebody set up does not exist"},
		"mta_sts_mx_unlisted":          {high, "senders that keep MTA-STS never use this exchanger"},
		"mta_sts_server_fails":         {high, "senders that keep MTA-STS never use this exchanger"},
		"mta_sts_testing_fails":        {low, "no mail is lost until the mode changes"},
		"mta_sts_testing_long":         {low, "the protection waits for one word"},
		"mta_sts_testing":              {info, "that is how one begins"},
		"mta_sts_mode_none":            {info, "that is how one ends"},
		"mta_sts_max_age_short":        {low, "the protection is thin"},
		"mta_sts_policy_stale":         {info, "it does no harm unless somebody else gets the name"},
		"mta_sts_policy_faults":        {low, "most senders overlook them"},
		"mta_sts_certificate_expiring": {medium, "in days there is no policy"},
		"tls_rpt_absent":               {low, "failures go unseen"},
		"tls_rpt_invalid":              {low, "failures go unseen"},
		"delivery_mta_sts_stops":       {critical, "large senders deliver nothing"},
		"delivery_dane_stops":          {critical, "large senders deliver nothing"},

		"spf_absent":      {medium, "forged mail passes more easily, real mail less"},
		"spf_multiple":    {medium, "the domain's own mail fails SPF"},
		"spf_invalid":     {medium, "the domain's own mail fails SPF"},
		"spf_lookups":     {medium, "some of the domain's own mail fails SPF"},
		"spf_voids":       {low, "receivers may stop there, few do"},
		"spf_all_pass":    {high, "forged mail passes everywhere, DMARC included"},
		"spf_all_neutral": {low, "DMARC decides, where there is one"},
		"spf_all_missing": {low, "DMARC decides, where there is one"},
		"spf_ptr":         {low, "some receivers pass over it"},
		"spf_dead_terms":  {low, "a sender that somebody listed is not let through"},

		"dmarc_absent":              {medium, "forged mail is delivered"},
		"dmarc_invalid":             {medium, "forged mail is delivered"},
		"dmarc_none":                {low, "forged mail is delivered, and reported"},
		"dmarc_testing":             {info, "that is how one begins"},
		"dmarc_no_reports":          {low, "forging goes unseen"},
		"dmarc_subdomains_open":     {medium, "forged mail from subdomains is delivered"},
		"dmarc_removed_tags":        {info, "receivers pass over them"},
		"dmarc_report_unauthorised": {low, "reports are not sent"},
		"dmarc_problems":            {low, "what holds may not be what was meant"},
		"dkim_absent":               {info, "a sound domain may have its keys under other selectors"},
		"dkim_invalid":              {medium, "mail signed with it fails"},
		"dkim_revoked":              {info, "right for a key that was in use once"},
		"dkim_key_short":            {low, "forging takes great means"},
		"dkim_testing":              {info, "few verifiers look at it"},
		"bimi_without_enforcement":  {info, "no logo is shown"},
		"bimi_invalid":              {info, "no logo is shown"},
		"caa_absent":                {info, "a chance, not a fault"},
		"no_mail_incomplete":        {low, "forged mail in an unused name, and mail that waits for nothing"},

		"expectation_starttls":            {high, expected},
		"expectation_min_tls":             {high, expected},
		"expectation_trusted_certificate": {high, expected},
		"expectation_min_rsa":             {high, expected},
		"expectation_post_quantum":        {high, expected},
		"expectation_requiretls":          {high, expected},
		"expectation_dane":                {high, expected},
		"expectation_dnssec":              {high, expected},
		"expectation_ipv6":                {high, expected},
		"expectation_mta_sts":             {high, expected},
		"expectation_tls_rpt":             {high, expected},
		"expectation_spf":                 {high, expected},
		"expectation_dmarc":               {high, expected},
	}
}

const expected = "the policy file asks for it; set another severity there"
