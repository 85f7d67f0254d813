{{- define "klamm.name" -}}
{{- printf "%s-operator" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "klamm.serviceAccount" -}}
{{- default (include "klamm.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{- define "klamm.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{- define "klamm.selector" -}}
app.kubernetes.io/name: klamm-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "klamm.labels" -}}
{{ include "klamm.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* What the operator may do where its clusters, topics and users are. It can make no Role. Secrets hold what it issues:
with namespaces named, it sees those of these namespaces only. */}}
{{- define "klamm.rules" -}}
- apiGroups: [klamm.dev]
  resources: [kafkaclusters, kafkanodepools]
  verbs: [get, list, watch]
- apiGroups: [klamm.dev]
  resources: [kafkatopics, kafkausers]
  verbs: [get, list, watch, patch]
- apiGroups: [klamm.dev]
  resources: [kafkaclusters/status, kafkanodepools/status, kafkatopics/status, kafkausers/status]
  verbs: [patch]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, create, patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, patch, delete]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, create, patch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, create, patch, delete]
- apiGroups: [gateway.networking.k8s.io]
  resources: [tlsroutes]
  verbs: [get, list, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, create, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
