import CanoRedis
import Foundation

/// What `--version` prints: all that a report of a problem should name.
enum VersionText {
    /// The release of this package; the next one's, with `-dev`, between two.
    static let release = "0.1.0-dev"

    static var text: String {
        """
        cano \(release)
        hiredis \(HiredisVersion.text)
        time zones \(TimeZone.timeZoneDataVersion)
        """
    }
}
