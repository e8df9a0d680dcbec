# Tells where a Job stands, from the list of Jobs and pods (input), the Job's $uid and the events ($events[0].items) around it:
# {state, detail, pod, exit_code, note}. States: gone, waiting, stuck, running, complete, failed. The note is what befalls a pod from outside.

# A container that waits for one of these does not start without somebody's help.
def hopeless: ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError",
  "RunContainerError", "CrashLoopBackOff"];

def text($reason; $message): [$reason, $message] | map(select(. != null and . != "")) | join(": ");

def warnings($uid): [$events[0].items[]? | select(.involvedObject.uid == $uid and .type == "Warning")]
  | sort_by(.lastTimestamp // .eventTime // .metadata.creationTimestamp);

# Why a pod is taken away (evicted, preempted, tainted node), or that its node has not reported for a while: then the node controller
# has made a pod with a running container not Ready.
def note($pod; $container):
  ($pod.status.conditions // []) as $conditions
  | ($conditions | map(select(.type == "DisruptionTarget" and .status == "True"))[0]) as $disruption
  | if $disruption then text($disruption.reason; $disruption.message)
    elif $pod.status.reason then text($pod.status.reason; $pod.status.message)
    elif $container.state.running and ($pod.metadata.deletionTimestamp | not) and any($conditions[]; .type == "Ready" and .status == "False")
      then "its node \($pod.spec.nodeName) is not Ready and may be lost; the run goes on there as far as it can"
    else "" end;

def is_true($type): any(.[]?; .type == $type and .status == "True");

[.items[] | select(.kind == "Job" and .metadata.uid == $uid)][0] as $job
| ([.items[] | select(.kind == "Pod" and any(.metadata.ownerReferences[]?; .uid == $uid))]
   | sort_by(.metadata.creationTimestamp) | last) as $pod
| ($pod.status.containerStatuses // [] | map(select(.name == "milo-perf"))[0]) as $container
| {pod: ($pod.metadata.name // ""), exit_code: $container.state.terminated.exitCode, note: note($pod; $container)}
+ if $job == null then {state: "gone", detail: "somebody deleted the Job"}
  elif ($job.status.conditions | is_true("Complete")) or $pod.status.phase == "Succeeded" then {state: "complete", detail: ""}
  elif $pod.status.phase == "Failed" then
    {state: "failed", detail: text($pod.status.reason // $container.state.terminated.reason; $pod.status.message // $container.state.terminated.message)}
  elif $job.status.conditions | is_true("Failed") then
    ($job.status.conditions[] | select(.type == "Failed")) as $why | {state: "failed", detail: text($why.reason; $why.message)}
  elif $pod == null then
    (warnings($uid) | last) as $event
    | if $event then {state: "waiting", detail: text($event.reason; $event.message)} else {state: "waiting", detail: "no pod was made for it yet"} end
  elif $container.state.running or $container.state.terminated then {state: "running", detail: ""}
  elif $container.state.waiting.reason as $reason | hopeless | index($reason) then
    {state: "stuck", detail: text($container.state.waiting.reason; $container.state.waiting.message)}
  else
    (warnings($pod.metadata.uid) | last) as $event
    | ($pod.status.conditions // [] | map(select(.type == "PodScheduled" and .status == "False"))[0]) as $unscheduled
    | if $event.reason == "FailedMount" and ($event.message | test("not found|references non-existent"))
      then {state: "stuck", detail: text($event.reason; $event.message)}
      elif $unscheduled then {state: "waiting", detail: text($unscheduled.reason; $unscheduled.message)}
      elif $event then {state: "waiting", detail: text($event.reason; $event.message)}
      else {state: "waiting", detail: text($container.state.waiting.reason; $container.state.waiting.message)} end
  end
