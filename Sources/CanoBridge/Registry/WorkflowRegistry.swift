public import CanoCore
import CanoPrimitives

/// The workflows a bridge can run, by name and version.
///
/// An application fills one and hands it to its bridge:
/// ```swift
/// var registry = WorkflowRegistry()
/// try registry.register(ordering(with: payments))
/// ```
public struct WorkflowRegistry: Sendable {
    private var versions: [String: [String: any HostedWorkflow]] = [:]
    private var current: [String: String] = [:]

    /// Creates a registry without workflows.
    public init() {}

    /// Adds a workflow, so that starts that name it run here. Of several registered versions, starts without one take the last.
    ///
    /// Its resources are set up when the bridge starts, before it is advertised, and torn down when the bridge stops. A command's `input`
    /// is decoded as the workflow's; one that does not decode is rejected with `invalid_input`. A command without input sends `null`,
    /// which optionals accept.
    ///
    /// - Parameter workflow: The workflow.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration` when its name breaks the alphabet or is taken, or it can't start at
    ///   its first state; `CanoError` when it does not validate.
    public mutating func register<State: WorkflowState>(
        _ workflow: Workflow<State>
    ) throws where State.Input: Codable, State.Output: Encodable {
        try add(workflow, .both)
    }

    /// Adds a workflow whose runs answer nothing: their output is `null`. See the first overload.
    public mutating func register<State: WorkflowState>(
        _ workflow: Workflow<State>
    ) throws where State.Input: Codable, State.Output == Void {
        try add(workflow, .onlyInput)
    }

    /// Adds a workflow whose runs take no input: what a command has is ignored. See the first overload.
    public mutating func register<State: WorkflowState>(
        _ workflow: Workflow<State>
    ) throws where State.Input == Void, State.Output: Encodable {
        try add(workflow, .onlyOutput)
    }

    /// Adds a workflow whose runs take no input and answer nothing. See the first overload.
    public mutating func register<State: WorkflowState>(
        _ workflow: Workflow<State>
    ) throws where State.Input == Void, State.Output == Void {
        try add(workflow, .none)
    }

    private mutating func add<State: WorkflowState>(_ workflow: Workflow<State>, _ json: WorkflowJSON<State>) throws {
        let (name, version) = (workflow.name, workflow.version)
        guard Name.isValid(name), Name.isValid(version) else {
            throw BridgeError(.invalidConfiguration, "\"\(name)\", version \"\(version)\": workflow names and versions are \(Name.rule).")
        }
        guard versions[name]?[version] == nil else {
            throw BridgeError(
                .invalidConfiguration, "The workflow \"\(name)\" has a version \"\(version)\" already: give this one another.")
        }
        try workflow.validate()
        versions[name, default: [:]][version] = TypedWorkflow(workflow, startingAt: try workflow.start, json: json)
        current[name] = version
    }

    /// The workflow of this name, in this version or, without one, the current.
    func workflow(_ name: String, version: String?) -> (any HostedWorkflow)? {
        guard let version = version ?? current[name] else { return nil }
        return versions[name]?[version]
    }

    /// Whether a workflow of this name is here in any version.
    func knows(_ name: String) -> Bool { versions[name] != nil }

    /// All of them, by name and version.
    var all: [any HostedWorkflow] {
        versions.values.flatMap(\.values).sorted { ($0.name, $0.version) < ($1.name, $1.version) }
    }
}
