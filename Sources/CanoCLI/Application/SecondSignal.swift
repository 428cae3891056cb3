import Foundation
import ServiceLifecycle

/// Lets the second SIGTERM or SIGINT end the process at once, while the first is being obeyed. Other bridges take over what it had.
///
/// The last of the services: it is told of a stop first.
struct SecondSignal: Service {
    func run() async throws {
        try await gracefulShutdown()
        for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) }
    }
}
