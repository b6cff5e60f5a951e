package cli

import (
	"github.com/spf13/cobra"
)

const completionHelp = `Print a script that lets a shell complete mxvet's commands and flags.

  mxvet completion bash > /etc/bash_completion.d/mxvet
  mxvet completion zsh > "${fpath[1]}/_mxvet"
  mxvet completion fish > ~/.config/fish/completions/mxvet.fish
  mxvet completion powershell | Out-String | Invoke-Expression`

func newCompletion(env *environment) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:       "completion bash | zsh | fish | powershell",
		Short:     "Print shell completion",
		Long:      completionHelp,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("want one shell").hint("mxvet completion bash, zsh, fish or powershell")
			}
			return complete(env, cmd.Root(), args[0])
		},
	}
}

func complete(env *environment, root *cobra.Command, shell string) error {
	var err error
	switch shell {
	case "bash":
		err = root.GenBashCompletionV2(env.stdout, true)
	case "zsh":
		err = root.GenZshCompletion(env.stdout)
	case "fish":
		err = root.GenFishCompletion(env.stdout, true)
	case "powershell":
		err = root.GenPowerShellCompletionWithDesc(env.stdout)
	default:
		return usage("no completion for the shell %q", shell).hint("bash, zsh, fish or powershell")
	}
	if err != nil {
		return unwritable(standardOutput, err)
	}
	return nil
}

// choices completes the value of a flag that takes one of a few words.
func choices(cmd *cobra.Command, flag string, words ...string) {
	// the only error is a flag that is not there, or is completed already
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
