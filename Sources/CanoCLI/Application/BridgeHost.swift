public import CanoBridge
public import CanoCore
public import Logging
public import ServiceLifecycle
public import Tracing

/// What an application gives the bridge that `serve` runs; see ``BridgeApplication/configure(_:_:)``.
public struct BridgeHost: Sendable {
    /// The workflows.
    public var registry = WorkflowRegistry()

    /// The bridge's settings, as the command line has them. Event levels of single workflows are set here:
    /// `host.configuration.events.byWorkflow["orders"] = .tasks`.
    public var configuration: BridgeConfiguration

    /// Services that run beside the bridge, such as a connection pool. They begin before the bridge, in this order, and stop after it, in
    /// the reverse order. One that ends or fails ends the program.
    public var services: [any Service] = []

    /// Told of all that happens in the bridge's runs, in this order.
    public var observers: [any WorkflowObserver] = []

    /// Where runs are traced; `nil` for the process's own tracer, and where it has none for the OTLP endpoint that `serve` is given.
    public var tracer: (any Tracer)?

    /// Where the bridge and its tasks log: standard error, as `--log-level` and `--log-format` say, unless another is set.
    public var logger: Logger

    init(_ configuration: BridgeConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// What runs need from their surroundings. Made when all is configured: a metrics backend that the application has chosen meanwhile is
    /// the one that is used.
    var runtime: WorkflowRuntime {
        var runtime = WorkflowRuntime(observers: observers)
        if let tracer { runtime.tracer = tracer }
        return runtime
    }
}
