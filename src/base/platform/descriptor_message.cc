#include "base/platform/descriptor_message.h"

#include <array>
#include <cstring>

#include <sys/socket.h>

namespace skein {
namespace {

/// One byte and room for one descriptor, laid out for the system. Stays where it is.
struct Message {
  Message() {
    head.msg_iov = &bytes;
    head.msg_iovlen = 1;
    head.msg_control = control.data();
    head.msg_controllen = control.size();
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  char nothing = 0;
  iovec bytes{&nothing, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr head{};
};

}  // namespace

bool send_descriptor(int channel, int descriptor) {
  Message message;
  cmsghdr* part = CMSG_FIRSTHDR(&message.head);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(part), &descriptor, sizeof descriptor);
  return ::sendmsg(channel, &message.head, MSG_NOSIGNAL) == 1;
}

int received_descriptor(int channel) {
  Message message;
  if (::recvmsg(channel, &message.head, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) < 0) return -1;
  const cmsghdr* part = CMSG_FIRSTHDR(&message.head);
  if (part == nullptr || part->cmsg_type != SCM_RIGHTS || part->cmsg_len != CMSG_LEN(sizeof(int))) return -1;
  int descriptor = -1;
  std::memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
  return descriptor;
}

}  // namespace skein
