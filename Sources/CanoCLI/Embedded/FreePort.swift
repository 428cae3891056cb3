import CanoBridge
import Foundation

/// Finds a loopback port nobody listens on.
enum FreePort {
    static func find() throws(BridgeError) -> Int {
        guard let port = bound(to: 0) else {
            throw BridgeError(.embeddedRedisFailed, "No free port was found on 127.0.0.1: \(String(cString: strerror(errno))).")
        }
        return port
    }

    /// Whether nobody has taken it since.
    static func isFree(_ port: Int) -> Bool { bound(to: UInt16(port)) != nil }

    /// The port a socket gets that asks for this one, or with 0 for any; it is given back at once.
    private static func bound(to port: UInt16) -> Int? {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        // A certain port is asked for as servers do: connections that have ended are no obstacle.
        var reuse: Int32 = port == 0 ? 0 : 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        return isBound ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
