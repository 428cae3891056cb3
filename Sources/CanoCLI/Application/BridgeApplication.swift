public import ArgumentParser
public import CanoBridge

/// A program that runs your workflows behind the bus.
///
/// ```swift
/// @main struct Shop: BridgeApplication {
///     static let commandName = "shop-bridge"
///
///     static func register(in registry: inout WorkflowRegistry, _ options: NoOptions) throws {
///         try registry.register(orders, as: "orders", startingAt: .reserve, input: Order.self) { result in
///             try await result.store.get(.receipt)
///         }
///     }
/// }
/// ```
/// The program has the whole command line of a bridge: `serve`, `start`, `cancel`, `resume`, `status`, `schedule`,
/// `unschedule`, `schedules` and `events`.
public protocol BridgeApplication: Sendable {
    /// Options that `serve` has besides those of every bridge.
    associatedtype Options: ParsableArguments = NoOptions

    /// The program's name in its help.
    static var commandName: String { get }

    /// Registers the workflows; called once, when `serve` begins.
    ///
    /// - Throws: What ``WorkflowRegistry`` throws. The program then ends with the error's text.
    static func register(in registry: inout WorkflowRegistry, _ options: Options) throws
}

extension BridgeApplication {
    /// Runs the program: the entry point that `@main` calls.
    @concurrent public static func main() async {
        await BridgeCommandLine<Self>.main()
    }
}
