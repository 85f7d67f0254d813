// One program for every Kubernetes binary that the test cluster runs: it acts as the component it was called as,
// by symlink or by its first argument. One link of the shared code instead of six saves 500 MB and most of the build.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	kubectl "k8s.io/kubectl/pkg/cmd"

	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
)

// The command of a component; nil when there is none of that name.
func command(name string) *cobra.Command {
	switch name {
	case "kube-apiserver":
		return apiserver.NewAPIServerCommand()
	case "kube-controller-manager":
		return controllers.NewControllerManagerCommand()
	case "kube-scheduler":
		return scheduler.NewSchedulerCommand()
	case "kubelet":
		return kubelet.NewKubeletCommand(context.Background())
	case "kube-proxy":
		return proxy.NewProxyCommand()
	case "kubectl":
		return kubectl.NewDefaultKubectlCommand()
	}
	return nil
}

func main() {
	name := filepath.Base(os.Args[0])
	chosen := command(name)
	if chosen == nil && len(os.Args) > 1 {
		name = os.Args[1]
		os.Args = os.Args[1:]
		chosen = command(name)
	}
	if chosen == nil {
		fmt.Fprintf(os.Stderr, "no component %q: kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl\n", name)
		os.Exit(2)
	}
	if name == "kubectl" {
		// Shows its own errors; the wrapper of the servers would print them twice.
		if err := cli.RunNoErrOutput(chosen); err != nil {
			os.Exit(1)
		}
		return
	}
	os.Exit(cli.Run(chosen))
}
