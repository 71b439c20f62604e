/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of every program: start and end. */
int main(void)
{
	return 0;
}
