public import CanoCore
import CanoPrimitives

/// The workflows a bridge can run, by name and version.
///
/// An application fills one and hands it to its bridge:
/// ```swift
/// var registry = WorkflowRegistry()
/// try registry.register(orders, as: "orders", version: "3", startingAt: .reserve, input: Order.self) { result in
///     try await result.store.get(.receipt)
/// }
/// ```
public struct WorkflowRegistry: Sendable {
    private var versions: [String: [String: any HostedWorkflow]] = [:]
    private var current: [String: String] = [:]

    /// Creates a registry without workflows.
    public init() {}

    /// Adds a workflow, so that starts that name it run here.
    ///
    /// - Parameters:
    ///   - workflow: The workflow. Its resources are set up when the bridge starts, before it is advertised, and torn
    ///     down when the bridge stops.
    ///   - name: What commands call it: 1 to 100 characters of `A-Za-z0-9._-`.
    ///   - version: What runs are bound to, from the same alphabet: change it when a run that is under way could not go
    ///     on with the new definition. Of several registered versions, starts without one take the last.
    ///   - start: The state a run begins in.
    ///   - compensationTimeout: How long undoing a run may take, from when it fails, also after a takeover; what is left then is
    ///     not undone. `nil` for half of the run's `timeout_ms`, 30 s at most, and for as long as it wants without one.
    ///   - input: The type the command's `input` is decoded as; one that does not decode is rejected with
    ///     `invalid_input`. A command without input sends `null`, which ``NoInput`` and optionals accept.
    ///   - output: Makes the run's result from what it left behind, once it reached an exit state. It is the user's
    ///     code and may be called again after a crash; an error fails the run.
    /// - Throws: ``BridgeError`` with the code `invalidConfiguration` when a name breaks the alphabet or is taken;
    ///   ``CanoError`` when the workflow does not validate or `start` is not registered.
    public mutating func register<State: WorkflowState, Input: Codable & Sendable, Output: Encodable & Sendable>(
        _ workflow: Workflow<State>,
        as name: String,
        version: String = "1",
        startingAt start: State,
        compensationTimeout: Duration? = nil,
        input: Input.Type,
        output: @escaping @concurrent @Sendable (RunResult<State, Input>) async throws -> Output
    ) throws {
        guard Name.isValid(name), Name.isValid(version) else {
            throw BridgeError(.invalidConfiguration, "\"\(name)\", version \"\(version)\": workflow names and versions are \(Name.rule).")
        }
        guard versions[name]?[version] == nil else {
            throw BridgeError(
                .invalidConfiguration, "The workflow \"\(name)\" has a version \"\(version)\" already: give this one another.")
        }
        try workflow.validate()
        guard workflow.registeredStates.contains(start) || workflow.exitStates.contains(start) else {
            throw BridgeError(
                .invalidConfiguration, "The workflow \"\(name)\" can't start at \"\(start.label)\": no task is registered for it.")
        }
        versions[name, default: [:]][version] = TypedWorkflow<State, Input, Output>(
            workflow, name: name, version: version, start: start, compensationTimeout: compensationTimeout, output: output)
        current[name] = version
    }

    /// Adds a workflow whose runs take no input and give no result; see the other overload.
    public mutating func register<State: WorkflowState>(
        _ workflow: Workflow<State>, as name: String, version: String = "1", startingAt start: State
    ) throws {
        try register(workflow, as: name, version: version, startingAt: start, input: NoInput.self) { _ in NoInput() }
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
