public import ArgumentParser

/// A program that runs your workflows behind the bus.
///
/// ```swift
/// @main struct Shop: BridgeApplication {
///     static let commandName = "shop-bridge"
///
///     static func configure(_ host: inout BridgeHost, _ options: NoOptions) async throws {
///         let payments = PaymentClient()
///         host.services.append(payments)
///         try host.registry.register(ordering(with: payments))
///         try host.registry.register(refunding(with: payments))
///     }
/// }
/// ```
/// The program has the whole command line of a bridge: `serve`, `config`, `start`, `cancel`, `resume`, `signal`, `status`, `runs`,
/// `schedule`, `unschedule`, `schedules`, `workflows`, `tasks`, `dead-letters`, `doctor`, `worker-check`, `events` and `admin`.
public protocol BridgeApplication: Sendable {
    /// Options that `serve` has besides those of every bridge.
    associatedtype Options: ParsableArguments = NoOptions

    /// The program's name in its help.
    static var commandName: String { get }

    /// Registers the workflows and sets up what they need: services, observers, backends for metrics and logs. Called once, when `serve`
    /// begins and before anything is read.
    ///
    /// With `--admin` or `--otlp-endpoint`, what is made here, such as a circuit breaker, records to what is served and sent, and a metrics backend
    /// that is bootstrapped here gets what the bridge records as well.
    ///
    /// - Throws: Anything, such as what `WorkflowRegistry` throws. The program then ends with the error's text.
    static func configure(_ host: inout BridgeHost, _ options: Options) async throws
}

extension BridgeApplication {
    /// Runs the program: the entry point that `@main` calls.
    @concurrent public static func main() async {
        await BridgeCommandLine<Self>.runAsProgram()
    }
}
