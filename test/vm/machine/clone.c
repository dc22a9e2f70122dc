// SPDX-License-Identifier: GPL-2.0
/*
 * Loading it is what QEMU does to a guest that it restores from a snapshot: another number in the
 * page of the vmgenid device, and its ACPI event. All that follows is the kernel's own.
 */
#include <linux/acpi.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/random.h>

#define ADDRESS "\\_SB.VGEN.ADDR"
#define EVENT "\\_GPE._E05"
#define SIZE 16

/* Where the number is: two integers, the lower half first. 0 on failure. */
static phys_addr_t number_address(void)
{
	struct acpi_buffer result = { ACPI_ALLOCATE_BUFFER, NULL };
	union acpi_object *pair;
	phys_addr_t address;

	if (ACPI_FAILURE(acpi_evaluate_object(NULL, ADDRESS, NULL, &result)))
		return 0;
	pair = result.pointer;
	address = pair->package.elements[0].integer.value |
		  pair->package.elements[1].integer.value << 32;
	ACPI_FREE(result.pointer);
	return address;
}

static int __init clone_init(void)
{
	phys_addr_t address = number_address();
	void *number = address ? memremap(address, SIZE, MEMREMAP_WB) : NULL;

	if (!number)
		return -ENODEV;
	get_random_bytes(number, SIZE);
	memunmap(number);
	return ACPI_FAILURE(acpi_evaluate_object(NULL, EVENT, NULL, NULL)) ? -EIO : 0;
}

static void __exit clone_exit(void)
{
}

module_init(clone_init);
module_exit(clone_exit);
MODULE_DESCRIPTION("Tells the kernel that its machine was cloned");
MODULE_LICENSE("GPL");
