/** Networks of IP addresses, by which limits count. */

/**
 * The network of an address: an IPv4 address itself, also when it is written as IPv6; of any other IPv6 address the first 64
 * bits, because one household or rented machine has all of them (RFC 6177). A text that is no address is returned unchanged.
 */
export function networkOf(address: string): string {
  const url = `http://[${address}]`;
  if (!address.includes(':') || !URL.canParse(url)) return address;
  const groups = groupsOf(new URL(url).hostname.slice(1, -1));
  const isIpv4 = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  return isIpv4 ? ipv4Of(groups.slice(6)) : `${groups.slice(0, 4).join(':')}::/64`;
}

/** The eight groups of an IPv6 address in its canonical form. */
function groupsOf(canonical: string): string[] {
  const [left = [], right] = canonical.split('::').map((half) => half.split(':').filter(Boolean));
  if (!right) return left;
  return [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
}

function ipv4Of(groups: string[]): string {
  return groups
    .map((group) => parseInt(group, 16))
    .flatMap((pair) => [pair >> 8, pair & 255])
    .join('.');
}
