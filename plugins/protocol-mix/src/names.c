#include "names.h"

/// A number and its name.
typedef struct {
    uint16_t number;
    const char *name;
} named;

/// Of each table, the first two stand for what has none and for what has another.
enum { NONE, OTHER, FIRST };

#define LAST(table) (sizeof(table) / sizeof((table)[0]))

// IANA's "IEEE 802 Numbers".
static const named ethertypes[] = {
    {0, "none"},       {0, "other"},       {0x0800, "ipv4"}, {0x86dd, "ipv6"},
    {0x0806, "arp"},   {0x8035, "rarp"},   {0x8847, "mpls"}, {0x8863, "pppoe_discovery"},
    {0x8864, "pppoe"}, {0x888e, "eapol"},  {0x88cc, "lldp"}, {0x8809, "slow"},
    {0x88f7, "ptp"},   {0x88e5, "macsec"}, {0x22f0, "avtp"}, {0x88a8, "qinq"},
};

// IANA's "Protocol Numbers".
static const named protocols[] = {
    {0, "none"},  {0, "other"},  {1, "icmp"},   {2, "igmp"},   {4, "ipip"},   {6, "tcp"},
    {17, "udp"},  {41, "ip6ip"}, {47, "gre"},   {50, "esp"},   {51, "ah"},    {58, "icmp6"},
    {89, "ospf"}, {103, "pim"},  {112, "vrrp"}, {115, "l2tp"}, {132, "sctp"}, {136, "udplite"},
};

// IANA's "Service Name and Transport Protocol Port Number Registry", whatever the transport.
static const named services[] = {
    {0, "none"},          {0, "other"},       {22, "ssh"},          {53, "dns"},
    {67, "dhcp"},         {68, "dhcp"},       {80, "http"},         {123, "ntp"},
    {161, "snmp"},        {179, "bgp"},       {389, "ldap"},        {443, "https"},
    {445, "smb"},         {514, "syslog"},    {546, "dhcp6"},       {547, "dhcp6"},
    {853, "dns_tls"},     {993, "imaps"},     {25, "smtp"},         {587, "submission"},
    {2049, "nfs"},        {3306, "mysql"},    {3389, "rdp"},        {4789, "vxlan"},
    {5353, "mdns"},       {5355, "llmnr"},    {5432, "postgresql"}, {6379, "redis"},
    {6443, "kubernetes"}, {8080, "http_alt"}, {9092, "kafka"},      {9100, "node_exporter"},
    {500, "ike"},         {4500, "ike"},      {51820, "wireguard"}, {1883, "mqtt"},
};

/// By the most bytes that a class takes; the last one takes the rest.
static const named sizes[] = {
    {64, "0-64"},       {127, "65-127"},     {255, "128-255"},  {511, "256-511"},
    {1023, "512-1023"}, {1518, "1024-1518"}, {0xffff, "1519-"},
};

_Static_assert(LAST(ethertypes) <= MAX_NAMES && LAST(protocols) <= MAX_NAMES, "make room");
_Static_assert(LAST(services) <= MAX_NAMES && LAST(sizes) <= MAX_NAMES, "make room");

const char *name_of_value(dimension dimension, uint32_t value) {
    static const named *const tables[DIMENSIONS] = {ethertypes, protocols, services, sizes};
    return tables[dimension][value].name;
}

static uint32_t find(const named *table, size_t count, uint16_t number) {
    for (uint32_t i = FIRST; i < count; i++) {
        if (table[i].number == number) {
            return i;
        }
    }
    return OTHER;
}

uint32_t name_of_ethertype(ringtap_packet packet) {
    uint16_t number;
    return ringtap_packet_eth_type(packet, &number) ? find(ethertypes, LAST(ethertypes), number)
                                                    : NONE;
}

uint32_t name_of_protocol(ringtap_packet packet) {
    uint8_t number;
    return ringtap_packet_protocol(packet, &number) ? find(protocols, LAST(protocols), number)
                                                    : NONE;
}

uint32_t name_of_service(ringtap_packet packet) {
    uint16_t src;
    uint16_t dst;
    if (!ringtap_packet_src_port(packet, &src) || !ringtap_packet_dst_port(packet, &dst)) {
        return NONE;
    }
    uint32_t service = find(services, LAST(services), dst);
    return service != OTHER ? service : find(services, LAST(services), src);
}

uint32_t name_of_size(uint64_t bytes) {
    uint32_t class = 0;
    while (class + 1 < LAST(sizes) && bytes > sizes[class].number) {
        class++;
    }
    return class;
}
